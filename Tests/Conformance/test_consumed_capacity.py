"""ConsumedCapacity: what each operation costs, and how it is told."""

import pytest

from support import N, S, constraint, unique

KB = 1024


def sized(key, size):
    """An item of exactly *size* bytes with this key."""
    rest = size - sum(len(name) + len(value["S"]) for name, value in key.items()) - len("a")
    return key | {"a": S("x" * rest)}


def cost(answer):
    return answer["ConsumedCapacity"]["CapacityUnits"]


TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


@pytest.mark.parametrize("asked", [{}, {"ReturnConsumedCapacity": "NONE"}], ids=str)
def test_nothing_is_told_unless_asked(loose, table_s, key, asked):
    assert "ConsumedCapacity" not in table_s.put(key, **asked)
    assert "ConsumedCapacity" not in table_s.fetch(key, **asked)
    assert "ConsumedCapacity" not in table_s.update(key, **asked)
    assert "ConsumedCapacity" not in table_s.query("p = :p", values={":p": key["p"]}, **asked)
    assert "ConsumedCapacity" not in table_s.scan(Limit=1, **asked)
    assert "ConsumedCapacity" not in table_s.delete(key, **asked)
    requests = {table_s.name: {"Keys": [key]}}
    assert "ConsumedCapacity" not in loose.batch_get_item(RequestItems=requests, **asked)


def test_total_names_the_table_and_the_units(table_s, key):
    consumed = table_s.put(key, **TOTAL)["ConsumedCapacity"]
    assert consumed == {"TableName": table_s.name, "CapacityUnits": 1.0}


def test_indexes_tells_the_tables_part_too(table_s, key):
    consumed = table_s.put(key, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert consumed["CapacityUnits"] == 1.0
    assert consumed["Table"]["CapacityUnits"] == 1.0


def test_an_unknown_wish_is_refused(table_s, key):
    with constraint("ALL", "returnConsumedCapacity", "Member must satisfy enum value set: ["):
        table_s.put(key, ReturnConsumedCapacity="ALL")


# Writes: a unit for each KB begun


@pytest.mark.parametrize(
    "size, units", [(100, 1), (KB, 1), (KB + 1, 2), (2 * KB, 2), (10 * KB + 1, 11), (400 * KB, 400)]
)
def test_a_put_costs_a_unit_per_kilobyte(table_s, key, size, units):
    assert cost(table_s.put(sized(key, size), **TOTAL)) == units


def test_a_put_costs_the_larger_of_both_items(table_s, key):
    table_s.put(sized(key, 5 * KB))
    assert cost(table_s.put(sized(key, 100), **TOTAL)) == 5


def test_an_update_costs_the_larger_of_both_items(table_s, key):
    table_s.put(sized(key, 5 * KB))
    assert cost(table_s.update(key, "SET a = :v", values={":v": S("x")}, **TOTAL)) == 5
    assert cost(table_s.update(key, "SET a = :v", values={":v": S("x" * 3 * KB)}, **TOTAL)) == 4


def test_a_delete_costs_what_the_item_was(table_s, key):
    table_s.put(sized(key, 3 * KB))
    assert cost(table_s.delete(key, **TOTAL)) == 3


def test_a_delete_of_nothing_costs_a_unit(table_s, key):
    assert cost(table_s.delete(key, **TOTAL)) == 1


# Reads: a unit for each 4 KB begun, half if not consistent


@pytest.mark.parametrize("size, units", [(100, 1), (4 * KB, 1), (4 * KB + 1, 2), (40 * KB, 10)])
def test_a_get_costs_a_unit_per_4_kilobytes(table_s, key, size, units):
    table_s.put(sized(key, size))
    assert cost(table_s.fetch(key, ConsistentRead=True, **TOTAL)) == units
    assert cost(table_s.fetch(key, ConsistentRead=False, **TOTAL)) == units / 2
    assert cost(table_s.fetch(key, **TOTAL)) == units / 2


def test_a_get_of_nothing_costs_the_least(table_s, key):
    assert cost(table_s.fetch(key, ConsistentRead=True, **TOTAL)) == 1
    assert cost(table_s.fetch(key, **TOTAL)) == 0.5


def test_a_projection_does_not_make_it_cheaper(table_s, key):
    table_s.put(sized(key, 9 * KB))
    assert cost(table_s.fetch(key, projection="p", ConsistentRead=True, **TOTAL)) == 3


def test_a_query_adds_up_before_it_rounds(table_ss):
    p = S(unique())
    for c in "abcdefgh":
        table_ss.put(sized({"p": p, "c": S(c)}, KB))
    ask = {"condition": "p = :p", "values": {":p": p}} | TOTAL
    assert cost(table_ss.query(**ask)) == 2
    assert cost(table_ss.query(**ask, ConsistentRead=False)) == 1
    assert cost(table_ss.query(**ask, Limit=3)) == 1
    assert cost(table_ss.query(**ask, Select="COUNT")) == 2


def test_a_filter_does_not_make_it_cheaper(table_ss):
    p = S(unique())
    for c in "abcdefgh":
        table_ss.put(sized({"p": p, "c": S(c)}, KB))
    found = table_ss.query(
        "p = :p", values={":p": p, ":x": N(1)}, filter="absent = :x", **TOTAL
    )
    assert found["Count"] == 0
    assert cost(found) == 2


def test_a_scan_adds_up_before_it_rounds(tables):
    table = tables.create()
    for n in range(8):
        table.put(sized({"p": S(f"key-{n}")}, KB))
    assert cost(table.scan(**TOTAL)) == 2
    assert cost(table.scan(ConsistentRead=False, **TOTAL)) == 1


# Batches: each item rounds by itself, each table is told


def test_a_batch_of_reads_tells_each_table(loose, table_s, table_ss):
    keys = [{"p": S(unique())} for _ in range(3)]
    for key in keys:
        table_s.put(sized(key, 5 * KB))
    other = {"p": S(unique()), "c": S("c")}
    table_ss.put(other)
    answer = loose.batch_get_item(
        RequestItems={
            table_s.name: {"Keys": keys, "ConsistentRead": True},
            table_ss.name: {"Keys": [other]},
        },
        **TOTAL,
    )
    told = {one["TableName"]: one["CapacityUnits"] for one in answer["ConsumedCapacity"]}
    assert told == {table_s.name: 6.0, table_ss.name: 0.5}


def test_a_batch_of_writes_tells_each_table(loose, table_s, table_ss):
    puts = [{"PutRequest": {"Item": sized({"p": S(unique())}, KB + 1)}} for _ in range(3)]
    other = [{"DeleteRequest": {"Key": {"p": S(unique()), "c": S("c")}}}]
    answer = loose.batch_write_item(
        RequestItems={table_s.name: puts, table_ss.name: other}, **TOTAL
    )
    told = {one["TableName"]: one["CapacityUnits"] for one in answer["ConsumedCapacity"]}
    assert told == {table_s.name: 6.0, table_ss.name: 1.0}
