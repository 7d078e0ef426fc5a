"""Tables that are held to their capacity, as `capacity.enforce` makes a region do."""

import tempfile
import time

import pytest
from botocore.exceptions import ClientError

from processes import Region, client_for
from support import S, Table, VALIDATION, refused, schema, unique, wait_active, wait_until

pytestmark = pytest.mark.processes

EXCEEDED = "ProvisionedThroughputExceededException"
THROTTLED = "ThrottlingException"
KILOBYTE = "x" * 1000
# What is used beyond the capacity is paid off at its rate: with a unit a second this takes minutes,
# longer than any test waits between two of its requests.
LARGE = S(KILOBYTE * 300)


@pytest.fixture(scope="module")
def client():
    with tempfile.TemporaryDirectory(prefix="meridian-") as directory:
        region = Region("us-east-1", directory, ["capacity.enforce: true"])
        try:
            region.start()
            yield client_for(region.endpoint)
        finally:
            region.stop()


def make(client, read=1, write=1, **arguments):
    if not arguments:
        arguments["ProvisionedThroughput"] = {
            "ReadCapacityUnits": read, "WriteCapacityUnits": write,
        }
    name = unique("capacity-")
    client.create_table(TableName=name, **schema(), **arguments)
    wait_active(client, name)
    return Table(client, name)


def exhaust(request, most=500):
    """Repeats *request* until it is refused, and returns the error and how often it was let in."""
    for count in range(most):
        try:
            request()
        except ClientError as error:
            return error.response, count
    pytest.fail(f"still let in after {most} requests")


def test_writes_beyond_the_capacity_are_refused(client):
    table = make(client, write=1)
    refusal, count = exhaust(lambda: table.put({"p": S("hot"), "x": S(KILOBYTE * 20)}))
    assert count >= 1
    assert refusal["Error"]["Code"] == EXCEEDED
    assert refusal["Error"]["Message"] == (
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API."
    )
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400
    reason = refusal["ThrottlingReasons"][0]
    assert reason["reason"] == "TableWriteProvisionedThroughputExceeded"
    assert reason["resource"].endswith(f"table/{table.name}")


def test_reads_and_writes_have_budgets_of_their_own(client):
    table = make(client, read=100)
    exhaust(lambda: table.put({"p": S("a"), "x": S(KILOBYTE * 50)}))
    assert table.get({"p": S("a")})["p"] == S("a")


def test_reads_beyond_the_capacity_are_refused(client):
    table = make(client, read=1, write=10_000)
    table.put({"p": S("a"), "x": S(KILOBYTE * 300)})
    for read in (
        lambda: table.get({"p": S("a")}),
        lambda: table.query("p = :p", values={":p": S("a")}),
        lambda: table.scan(),
    ):
        refusal, _ = exhaust(read)
        assert refusal["Error"]["Code"] == EXCEEDED


def test_capacity_comes_back(client):
    table = make(client, write=5)
    exhaust(lambda: table.put({"p": S("a"), "x": S(KILOBYTE * 5)}))

    def is_let_in():
        try:
            table.put({"p": S("a")})
            return True
        except ClientError as error:
            assert error.response["Error"]["Code"] == EXCEEDED
            return False

    wait_until(is_let_in, "capacity comes in")


def test_more_capacity_is_there_at_once(client):
    table = make(client, write=1)
    exhaust(lambda: table.put({"p": S("a"), "x": LARGE}))
    client.update_table(TableName=table.name, BillingMode="PAY_PER_REQUEST")
    for number in range(50):
        table.put({"p": S(str(number)), "x": S(KILOBYTE * 10)})


def failing(table):
    """A write of item `a` that its condition refuses, unless capacity does."""
    def request():
        try:
            table.put({"p": S("a")}, condition="attribute_not_exists(p)")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    return request


def test_a_condition_that_fails_costs_too(client):
    table = make(client, write=1)
    table.put({"p": S("a")})
    refusal, _ = exhaust(failing(table))
    assert refusal["Error"]["Code"] == EXCEEDED


def test_a_refused_write_costs_by_the_size_of_the_item_that_is_there(client):
    def provision(units):
        throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": units}
        client.update_table(TableName=table.name, ProvisionedThroughput=throughput)

    table = make(client, write=1)
    table.put({"p": S("a"), "x": S(KILOBYTE * 200)})
    provision(1000)
    time.sleep(1)
    provision(1)  # With at most 300 units saved, and next to nothing coming in.
    refusal, count = exhaust(failing(table))
    assert refusal["Error"]["Code"] == EXCEEDED
    assert count < 10


def test_an_on_demand_table_is_held_to_its_maximum_only(client):
    free = make(client, BillingMode="PAY_PER_REQUEST")
    for number in range(50):
        free.put({"p": S(str(number)), "x": S(KILOBYTE * 10)})
    held = make(
        client, BillingMode="PAY_PER_REQUEST", OnDemandThroughput={"MaxWriteRequestUnits": 1}
    )
    refusal, _ = exhaust(lambda: held.put({"p": S("a"), "x": S(KILOBYTE * 20)}))
    assert refusal["Error"]["Code"] == THROTTLED
    assert "maximum OnDemandThroughput" in refusal["Error"]["Message"]
    assert refusal["throttlingReasons"][0]["reason"] == "TableWriteMaxOnDemandThroughputExceeded"


def test_an_index_has_a_budget_of_its_own(client):
    index = {
        "IndexName": "by-p",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000},
    }
    large = {"ReadCapacityUnits": 1000, "WriteCapacityUnits": 1000}
    table = make(client, ProvisionedThroughput=large, GlobalSecondaryIndexes=[index])
    table.put({"p": S("a"), "x": S(KILOBYTE * 50)})
    condition = {"values": {":p": S("a")}}
    refusal, _ = exhaust(
        lambda: table.query("p = :p", IndexName="by-p", ConsistentRead=False, **condition)
    )
    assert refusal["Error"]["Code"] == EXCEEDED
    reason = refusal["ThrottlingReasons"][0]
    assert reason["reason"] == "IndexReadProvisionedThroughputExceeded"
    assert reason["resource"].endswith("/index/by-p")
    assert table.query("p = :p", **condition)["Count"] == 1


def test_a_batch_leaves_what_has_no_capacity(client):
    small, large = make(client), make(client, read=10_000, write=10_000)
    item = {"p": S("a"), "x": LARGE}
    for table in (small, large):
        table.put(item)
    exhaust(lambda: small.put(item))
    put = {"PutRequest": {"Item": {"p": S("b")}}}
    answer = client.batch_write_item(RequestItems={small.name: [put], large.name: [put]})
    assert answer["UnprocessedItems"] == {small.name: [put]}
    assert large.get({"p": S("b")}) is not None
    exhaust(lambda: small.get({"p": S("a")}))
    keys = {"Keys": [{"p": S("a")}]}
    answer = client.batch_get_item(RequestItems={small.name: keys, large.name: keys})
    assert list(answer["UnprocessedKeys"]) == [small.name]
    assert answer["Responses"][large.name][0]["p"] == S("a")
    with refused(EXCEEDED):
        client.batch_write_item(RequestItems={small.name: [put]})


def test_a_transaction_without_capacity_is_cancelled(client):
    small, large = make(client), make(client, read=10_000, write=10_000)
    exhaust(lambda: small.put({"p": S("a"), "x": LARGE}))
    put = [{"Put": {"TableName": one.name, "Item": {"p": S("b")}}} for one in (large, small)]
    with pytest.raises(ClientError) as caught:
        client.transact_write_items(TransactItems=put)
    assert caught.value.response["Error"]["Code"] == "TransactionCanceledException"
    codes = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
    assert codes == ["None", "ProvisionedThroughputExceeded"]
    assert large.get({"p": S("b")}) is None


@pytest.mark.parametrize("asked, shown", [("NONE", None), ("TOTAL", False), ("INDEXES", True)])
def test_answers_tell_what_was_asked_for(client, asked, shown):
    table = make(client, read=1000, write=1000)
    item = {"p": S("a")}
    answers = [
        table.put(item, ReturnConsumedCapacity=asked),
        table.fetch(item, ReturnConsumedCapacity=asked),
        table.scan(ReturnConsumedCapacity=asked),
        client.batch_get_item(
            RequestItems={table.name: {"Keys": [item]}}, ReturnConsumedCapacity=asked
        ),
        client.transact_write_items(
            TransactItems=[{"Delete": {"TableName": table.name, "Key": item}}],
            ReturnConsumedCapacity=asked,
        ),
    ]
    for answer in answers:
        told = answer.get("ConsumedCapacity")
        if shown is None:
            assert not told
            continue
        told = told[0] if isinstance(told, list) else told
        assert told["TableName"] == table.name
        assert ("Table" in told) is shown


def test_what_is_wrong_is_said_first(client):
    table = make(client)
    exhaust(lambda: table.put({"p": S("a"), "x": LARGE}))
    with refused(VALIDATION):
        table.put({"p": S("a")}, condition="p =")


def test_statements_are_held_to_capacity_as_well(client):
    def insert(table, key, value):
        return {"Statement": f"INSERT INTO \"{table.name}\" VALUE {{'p': '{key}', 'x': '{value}'}}"}

    table = make(client, read=1, write=1)
    exhaust(lambda: client.execute_statement(**insert(table, unique(), KILOBYTE * 7)))
    owing = make(client, read=1, write=1)
    client.execute_transaction(
        TransactStatements=[insert(owing, unique(), KILOBYTE * 7) for _ in range(25)]
    )
    member = insert(owing, "q", "x")
    (part,) = client.batch_execute_statement(Statements=[member])["Responses"]
    assert part["Error"]["Code"] == "ProvisionedThroughputExceeded"
    with refused("TransactionCanceledException", contains="ProvisionedThroughputExceeded"):
        client.execute_transaction(TransactStatements=[member])
    select = f"SELECT * FROM \"{table.name}\""
    refusal, count = exhaust(lambda: client.execute_statement(Statement=select))
    assert count >= 1 and refusal["Error"]["Code"] == EXCEEDED
