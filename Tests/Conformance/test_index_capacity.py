"""ConsumedCapacity of tables with global indexes."""

import pytest

from indexes import definitions, index
from support import S, unique

KB = 1024
INDEXES = {"ReturnConsumedCapacity": "INDEXES"}
TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


@pytest.fixture(scope="module")
def indexed(shared):
    """Partition key `p`; index `all` on `x`, `bare` on `y` with keys only."""
    return shared.create(
        AttributeDefinitions=definitions(p="S", x="S", y="S"),
        GlobalSecondaryIndexes=[index("all", "x"), index("bare", "y", projection="KEYS_ONLY")],
    )


def parts(answer, **expected):
    """Checks the units of the table and of each index named, and their sum."""
    consumed = answer["ConsumedCapacity"]
    if isinstance(consumed, list):
        [consumed] = consumed
    shown = {name: part["CapacityUnits"]
             for name, part in consumed.get("GlobalSecondaryIndexes", {}).items()}
    table = expected.pop("table")
    assert consumed["Table"]["CapacityUnits"] == table
    assert shown == expected
    assert consumed["CapacityUnits"] == table + sum(expected.values())


def test_a_put_costs_a_write_of_each_entry(indexed, key):
    parts(indexed.put(key, **INDEXES), table=1)
    parts(indexed.put(key | {"x": S("1")}, **INDEXES), table=1, all=1)
    parts(indexed.put(key | {"x": S("1"), "y": S("1")}, **INDEXES), table=1, all=1, bare=1)


def test_an_entry_that_stays_costs_nothing(indexed, key):
    item = key | {"x": S("1"), "y": S("1")}
    indexed.put(item)
    parts(indexed.put(item, **INDEXES), table=1)
    parts(indexed.put(item | {"v": S("w")}, **INDEXES), table=1, all=1)


def test_an_entry_that_moves_costs_two_writes(indexed, key):
    indexed.put(key | {"x": S("1")})
    move = dict(expression="SET x = :x", values={":x": S("2")})
    parts(indexed.update(key, **move, **INDEXES), table=1, all=2)


def test_an_entry_that_goes_costs_a_write(indexed, key):
    indexed.put(key | {"x": S("1"), "y": S("1")})
    parts(indexed.update(key, "REMOVE y", **INDEXES), table=1, all=1, bare=1)
    parts(indexed.delete(key, **INDEXES), table=1, all=1)
    parts(indexed.delete(key, **INDEXES), table=1)


def test_entries_cost_by_their_own_size(indexed, key):
    item = key | {"x": S("1"), "y": S("1"), "v": S("v" * 2 * KB)}
    parts(indexed.put(item, **INDEXES), table=3, all=3, bare=1)
    assert indexed.put(item | {"w": S("")}, **TOTAL)["ConsumedCapacity"]["CapacityUnits"] == 6


def test_a_batch_costs_the_sum(loose, indexed):
    puts = [{"PutRequest": {"Item": {"p": S(unique()), "x": S("1")}}} for _ in range(3)]
    answer = loose.batch_write_item(RequestItems={indexed.name: puts}, **INDEXES)
    parts(answer, table=3, all=3)


def test_a_transaction_doubles_the_tables_part_alone(loose, indexed, key):
    put = {"Put": {"TableName": indexed.name, "Item": key | {"x": S("1")}}}
    answer = loose.transact_write_items(TransactItems=[put], **INDEXES)
    parts(answer, table=2, all=1)
    [consumed] = answer["ConsumedCapacity"]
    assert consumed["GlobalSecondaryIndexes"]["all"]["WriteCapacityUnits"] == 1


def test_a_read_of_an_index_is_the_indexs(indexed):
    x = unique()
    indexed.fill([{"p": S(unique()), "x": S(x), "v": S("v" * 3 * KB)} for _ in range(4)])
    answer = indexed.query("x = :x", values={":x": S(x)}, IndexName="all", ConsistentRead=False,
                           **INDEXES)
    parts(answer, table=0, all=2)
    answer = indexed.scan(IndexName="all", ConsistentRead=False, Limit=1, **INDEXES)
    assert set(answer["ConsumedCapacity"]["GlobalSecondaryIndexes"]) == {"all"}
