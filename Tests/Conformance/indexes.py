"""Words for secondary indexes: their definitions in short, and waiting for them."""

from botocore.exceptions import ClientError

from support import S, wait_until


def keys(hashes, ranges=()):
    """A KeySchema: names of HASH attributes, then of RANGE attributes, apart by spaces."""
    split = lambda names: names.split() if isinstance(names, str) else list(names)
    return [{"AttributeName": name, "KeyType": "HASH"} for name in split(hashes)] + [
        {"AttributeName": name, "KeyType": "RANGE"} for name in split(ranges)
    ]


def index(name, hashes, ranges=(), projection="ALL", include=None, **rest):
    """An index's definition; *include* are the attributes of an INCLUDE projection."""
    shown = {"ProjectionType": "INCLUDE" if include is not None else projection}
    if include is not None:
        shown["NonKeyAttributes"] = include
    return {"IndexName": name, "KeySchema": keys(hashes, ranges), "Projection": shown} | rest


def definitions(**types):
    """AttributeDefinitions: `p="S", n="N"`."""
    return [{"AttributeName": name, "AttributeType": type} for name, type in types.items()]


def described(client, table, index_name):
    """What DescribeTable says of an index; None if nothing."""
    table = client.describe_table(TableName=table.name)["Table"]
    known = table.get("GlobalSecondaryIndexes", []) + table.get("LocalSecondaryIndexes", [])
    return next((one for one in known if one["IndexName"] == index_name), None)


def create_index(client, table, definition, **types):
    """Asks for a new global index; *types* define its key attributes."""
    return client.update_table(
        TableName=table.name,
        AttributeDefinitions=definitions(**types),
        GlobalSecondaryIndexUpdates=[{"Create": definition}],
    )


def delete_index(client, table, name):
    return client.update_table(
        TableName=table.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}]
    )


def wait_built(client, table, name):
    """Waits until the index is ACTIVE, and returns its description."""
    def is_built():
        shown = described(client, table, name)
        return shown if shown and shown["IndexStatus"] == "ACTIVE" else None

    return wait_until(is_built, f"index {name} is ACTIVE")


def wait_removed(client, table, name):
    wait_until(lambda: described(client, table, name) is None, f"index {name} is gone")


def entries(table, name, **arguments):
    """All items of a global index, by a scan, in the order of their partition keys `p`."""
    items, _ = table.all_pages(table.scan, IndexName=name, ConsistentRead=False, **arguments)
    return sorted(items, key=lambda item: str(item.get("p")))


def eventually(read, expected):
    """Reads again until the answer is the expected one: global indexes may lag behind."""
    def is_so():
        try:
            return read() == expected
        except ClientError as error:
            if "backfilling" in str(error):
                return False
            raise

    wait_until(is_so, f"reading gives {expected}")


def by_x(table, x, **rest):
    """The items that have `x` so, by the index `by-x`."""
    answer = table.query(
        "x = :x", values={":x": S(x)}, IndexName="by-x", ConsistentRead=False, **rest
    )
    return answer["Items"]
