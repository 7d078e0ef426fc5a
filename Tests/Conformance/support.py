"""Words the tests are written in: attribute values in short, refusals, waiting, one table."""

import time
import uuid
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError

# How long a test waits for something that is asynchronous by contract, such as a new table. What works
# is there in a second or two, and on a machine that is slow, or stands still for a while, well before.
SETTLE_SECONDS = 120.0
POLL_SECONDS = 0.02

VALIDATION = "ValidationException"
CONDITION_FAILED = "ConditionalCheckFailedException"
NOT_FOUND = "ResourceNotFoundException"
IN_USE = "ResourceInUseException"

INVALID = "One or more parameter values were invalid: "
# Before what is wrong with a request itself, as writes of one item tell it.
COUNTED = "1 validation error detected: "


def S(value):
    return {"S": value}


def N(value):
    return {"N": str(value)}


def B(value):
    return {"B": value}


def L(*values):
    return {"L": list(values)}


def M(**values):
    return {"M": values}


def SS(*values):
    return {"SS": list(values)}


def NS(*values):
    return {"NS": [str(value) for value in values]}


def BS(*values):
    return {"BS": list(values)}


def BOOL(value):
    return {"BOOL": value}


NULL = {"NULL": True}


def unique(prefix="k"):
    """A name no other test uses; shared tables stay usable because keys never meet."""
    return f"{prefix}{uuid.uuid4().hex[:16]}"


def normal(value):
    """The value with its sets sorted: the order of a set's members means nothing."""
    if isinstance(value, dict):
        return {
            key: sorted(inner) if key in ("SS", "NS", "BS") and isinstance(inner, list)
            else normal(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [normal(inner) for inner in value]
    return value


@contextmanager
def refused(code, message=None, contains=None):
    """The block is refused with this code and, if given, this message or this part of it."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response["Error"]
    said = error.get("Message", "")
    assert error["Code"] == code, f"{error['Code']}: {said}"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    if message is not None:
        assert said == message
    if contains is not None:
        assert contains.lower() in said.lower(), said


def invalid(message):
    """Refused as DynamoDB refuses a bad parameter, with exactly this message."""
    return refused(VALIDATION, message)


def counted(message):
    """Refused as a write of one item is for what is wrong with the request itself."""
    return invalid(COUNTED + message)


def constraint(value, at, rule):
    """Refused by the service model: *value* at *at* breaks *rule*, whatever else is wrong too."""
    shown = "null" if value is None else f"'{value}'"
    return refused(
        VALIDATION, contains=f"Value {shown} at '{at}' failed to satisfy constraint: {rule}"
    )


def wait_until(check, what):
    """Polls *check* until it answers something true, and returns that; fails after a bound.

    *what* is what was waited for, or makes the words for it when that is to be said.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            words = what() if callable(what) else what
            pytest.fail(f"after {SETTLE_SECONDS:g} s still not so: {words}")
        time.sleep(POLL_SECONDS)


def let_time_pass(seconds=0.05):
    """Waits until the clock has moved on, so that the next write is surely the later one."""
    until = time.time() + seconds
    wait_until(lambda: time.time() > until, "time passes")


def table_status(client, name):
    """The table's status, or None where there is no such table."""
    try:
        return client.describe_table(TableName=name)["Table"]["TableStatus"]
    except ClientError as error:
        if error.response["Error"]["Code"] == NOT_FOUND:
            return None
        raise


def wait_active(client, name):
    wait_until(lambda: table_status(client, name) == "ACTIVE", f"table {name} is ACTIVE")


def wait_gone(client, name):
    wait_until(lambda: table_status(client, name) is None, f"table {name} is gone")


def global_table(clients, prefix):
    """A table made in the first of some regions, with a replica in each of the others; *clients* by
    region.  Its view from each, in their order."""
    name = unique(prefix)
    home, *others = clients
    clients[home].create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema())
    wait_active(clients[home], name)
    members = {home}
    for region in others:
        clients[home].update_table(
            TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}]
        )
        members.add(region)
        for here in members:
            wait_until(
                lambda here=here: active_replicas(clients[here], name) == members,
                f"{name} is ACTIVE in {sorted(members)}, as {here} sees it",
            )
    return [Table(client, name) for client in clients.values()]


def active_replicas(client, name):
    """The regions in which a global table is ACTIVE, as one of them sees it; None where it is not.

    A region shows the others as replicas, and itself by its table.
    """
    if table_status(client, name) != "ACTIVE":
        return None
    replicas = client.describe_table(TableName=name)["Table"].get("Replicas", [])
    others = {one["RegionName"] for one in replicas if one["ReplicaStatus"] == "ACTIVE"}
    return others | {client.meta.region_name}


def schema(hash_type="S", range_type=None):
    """CreateTable's key arguments: partition key `p`, and sort key `c` if it has a type."""
    keys = [{"AttributeName": "p", "KeyType": "HASH"}]
    types = [{"AttributeName": "p", "AttributeType": hash_type}]
    if range_type:
        keys.append({"AttributeName": "c", "KeyType": "RANGE"})
        types.append({"AttributeName": "c", "AttributeType": range_type})
    return {"KeySchema": keys, "AttributeDefinitions": types}


class Table:
    """One table through a client that checks nothing itself, so that the server has to."""

    def __init__(self, client, name):
        self.client = client
        self.name = name

    def put(self, item, condition=None, names=None, values=None, **rest):
        arguments = _expressions(names, values, ConditionExpression=condition)
        return self.client.put_item(TableName=self.name, Item=item, **arguments, **rest)

    def get(self, key, **rest):
        """The item, read consistently, or None."""
        return self.fetch(key, ConsistentRead=True, **rest).get("Item")

    def fetch(self, key, projection=None, names=None, **rest):
        arguments = _expressions(names, None, ProjectionExpression=projection)
        return self.client.get_item(TableName=self.name, Key=key, **arguments, **rest)

    def update(self, key, expression=None, condition=None, names=None, values=None, **rest):
        arguments = _expressions(
            names, values, UpdateExpression=expression, ConditionExpression=condition
        )
        return self.client.update_item(TableName=self.name, Key=key, **arguments, **rest)

    def delete(self, key, condition=None, names=None, values=None, **rest):
        arguments = _expressions(names, values, ConditionExpression=condition)
        return self.client.delete_item(TableName=self.name, Key=key, **arguments, **rest)

    def query(self, condition=None, names=None, values=None, filter=None, projection=None, **rest):
        arguments = _expressions(
            names,
            values,
            KeyConditionExpression=condition,
            FilterExpression=filter,
            ProjectionExpression=projection,
        )
        rest.setdefault("ConsistentRead", True)
        return self.client.query(TableName=self.name, **arguments, **rest)

    def scan(self, names=None, values=None, filter=None, projection=None, **rest):
        arguments = _expressions(
            names, values, FilterExpression=filter, ProjectionExpression=projection
        )
        rest.setdefault("ConsistentRead", True)
        return self.client.scan(TableName=self.name, **arguments, **rest)

    def all_pages(self, read, **arguments):
        """Every item that *read* (`query` or `scan`) has, page after page, and the page count."""
        items, pages, start = [], 0, {}
        while True:
            page = read(**arguments, **start)
            items += page.get("Items", [])
            pages += 1
            if "LastEvaluatedKey" not in page:
                return items, pages
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def fill(self, items):
        """Puts many items, in batches."""
        for start in range(0, len(items), 25):
            left = {self.name: [{"PutRequest": {"Item": i}} for i in items[start : start + 25]]}
            while left:
                left = self.client.batch_write_item(RequestItems=left)["UnprocessedItems"]


def _expressions(names, values, **expressions):
    arguments = {key: text for key, text in expressions.items() if text is not None}
    if names is not None:
        arguments["ExpressionAttributeNames"] = names
    if values is not None:
        arguments["ExpressionAttributeValues"] = values
    return arguments
