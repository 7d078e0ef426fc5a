"""Local secondary indexes, and the item collections of tables that have some."""

import pytest

from indexes import definitions, described, index, keys
from support import INVALID, N, S, VALIDATION, constraint, invalid, refused, unique


@pytest.fixture(scope="module")
def indexed(shared):
    """Keys `p` and `c`; index `all` on `b` (S), `bare` on `n` (N) with keys only, `some` on `b`
    with `a`."""
    return shared.create(
        "S", "S",
        AttributeDefinitions=definitions(p="S", c="S", b="S", n="N"),
        LocalSecondaryIndexes=[
            index("all", "p", "b"),
            index("bare", "p", "n", "KEYS_ONLY"),
            index("some", "p", "b", include=["a"]),
        ],
    )


@pytest.fixture(scope="module")
def filled(indexed):
    p = unique()
    items = [
        {"p": S(p), "c": S(f"c{9 - n}"), "b": S(f"b{n}"), "n": N(n * 5), "a": N(n), "x": S("x")}
        for n in range(10)
    ]
    indexed.fill(items)
    return p, items


def create(client, local, sort="c", types=None):
    client.create_table(
        TableName=unique("t-"),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("p", sort),
        AttributeDefinitions=definitions(**({"p": "S"} | ({"c": "S"} if sort else {})
                                            | (types or {}))),
        LocalSecondaryIndexes=local,
    )


# Defining


def test_an_index_is_described(client, indexed):
    table = client.describe_table(TableName=indexed.name)["Table"]
    names = [one["IndexName"] for one in table["LocalSecondaryIndexes"]]
    assert names == ["all", "bare", "some"]
    shown = described(client, indexed, "some")
    assert shown["KeySchema"] == keys("p", "b")
    assert shown["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}
    assert shown["IndexArn"] == f"{table['TableArn']}/index/some"
    assert "IndexStatus" not in shown and "ProvisionedThroughput" not in shown
    assert "GlobalSecondaryIndexes" not in table


def test_the_table_needs_a_sort_key(loose):
    with invalid(
        INVALID + "Table KeySchema does not have a range key, which is required when specifying a "
        "LocalSecondaryIndex"
    ):
        create(loose, [index("by-b", "p", "b")], sort=(), types={"b": "S"})


def test_the_index_needs_a_sort_key(loose):
    with invalid(INVALID + "Index KeySchema does not have a range key for index: by-b"):
        create(loose, [index("by-b", "p")])


def test_the_index_has_the_tables_partition_key(loose):
    with invalid(
        INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema for "
        "index: by-b. index hash key: b, table hash key: p"
    ):
        create(loose, [index("by-b", "b", "c")], types={"b": "S"})


def test_the_keys_differ(loose):
    with invalid(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name"
    ):
        create(loose, [index("by-b", "p", "p")])


def test_two_hash_keys_are_refused(loose):
    with invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"):
        create(loose, [index("by-b", "p b")], types={"b": "S"})


def test_five_indexes_are_the_most(loose):
    many = [index(f"index-{n}", "p", "c") for n in range(6)]
    with invalid(INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5"):
        create(loose, many)


def test_an_empty_list_is_refused(loose):
    with invalid(INVALID + "List of LocalSecondaryIndexes is empty"):
        create(loose, [])


def test_names_differ_from_those_of_global_indexes(loose):
    with invalid(INVALID + "Duplicate index name: same"):
        loose.create_table(
            TableName=unique("t-"), BillingMode="PAY_PER_REQUEST", KeySchema=keys("p", "c"),
            AttributeDefinitions=definitions(p="S", c="S"),
            LocalSecondaryIndexes=[index("same", "p", "c")],
            GlobalSecondaryIndexes=[index("same", "c")],
        )


def test_a_local_and_a_global_index_may_be_alike(client, tables):
    table = tables.create(
        "S", "S",
        AttributeDefinitions=definitions(p="S", c="S", x="S"),
        LocalSecondaryIndexes=[index("local", "p", "x")],
        GlobalSecondaryIndexes=[index("global", "p", "x")],
    )
    item = {"p": S("1"), "c": S("2"), "x": S("3")}
    table.put(item)
    for name in ("local", "global"):
        found = table.query("p = :p", values={":p": S("1")}, IndexName=name, ConsistentRead=False)
        assert found["Items"] == [item]


# Reading


@pytest.mark.parametrize("consistent", [True, False])
def test_a_partition_is_read_in_the_order_of_the_index(indexed, filled, consistent):
    p, items = filled
    found = indexed.query("p = :p", values={":p": S(p)}, IndexName="all",
                          ConsistentRead=consistent)["Items"]
    assert found == items
    found = indexed.query("p = :p AND n > :n", values={":p": S(p), ":n": N(30)}, IndexName="bare",
                          ConsistentRead=consistent)["Items"]
    assert [item["n"] for item in found] == [N(35), N(40), N(45)]


def test_projected_attributes_are_what_comes(indexed, filled):
    p, items = filled
    only = lambda item, names: {name: item[name] for name in names.split()}
    query = dict(condition="p = :p", values={":p": S(p)})
    assert indexed.query(IndexName="bare", **query)["Items"] == [only(i, "p c n") for i in items]
    assert indexed.query(IndexName="some", **query)["Items"] == [only(i, "p c b a") for i in items]


def test_other_attributes_are_fetched(indexed, filled):
    p, items = filled
    query = dict(condition="p = :p", values={":p": S(p)}, IndexName="bare")
    assert indexed.query(Select="ALL_ATTRIBUTES", **query)["Items"] == items
    found = indexed.query(projection="a, x", **query)["Items"]
    assert found == [{"a": item["a"], "x": item["x"]} for item in items]
    query["values"] = {":p": S(p), ":a": N(3)}
    assert indexed.query(filter="a = :a", **query)["Items"] == items[3:4]
    assert indexed.query(filter="a = :a", Select="COUNT", **query)["Count"] == 1


def test_a_scan_of_an_index(tables):
    table = tables.create(
        "S", "S",
        AttributeDefinitions=definitions(p="S", c="S", b="S"),
        LocalSecondaryIndexes=[index("by-b", "p", "b", "KEYS_ONLY")],
    )
    items = [{"p": S(f"p{n % 3}"), "c": S(f"c{n}"), "b": S(f"b{n}"), "v": N(n)} for n in range(20)]
    table.fill(items + [{"p": S("p0"), "c": S("without")}])
    found, pages = table.all_pages(table.scan, IndexName="by-b", Limit=7,
                                   Select="ALL_ATTRIBUTES")
    assert pages == 3
    by_c = lambda item: item["c"]["S"]
    assert sorted(found, key=by_c) == sorted(items, key=by_c)


def test_pages_follow_each_other(indexed, filled):
    p, items = filled
    found, pages = indexed.all_pages(indexed.query, condition="p = :p", values={":p": S(p)},
                                     IndexName="all", Limit=4, ScanIndexForward=False)
    assert (found, pages) == (items[::-1], 3)


def test_an_item_without_the_key_is_not_in_the_index(indexed):
    p = unique()
    indexed.put({"p": S(p), "c": S("1")})
    assert indexed.query("p = :p", values={":p": S(p)}, IndexName="all")["Items"] == []
    with refused(VALIDATION, contains="cannot contain an empty string value"):
        indexed.put({"p": S(p), "c": S("1"), "b": S("")})
    with refused(VALIDATION, contains="Type mismatch for Index Key b Expected: S Actual: N"):
        indexed.put({"p": S(p), "c": S("1"), "b": N(1)})


# What reading and writing costs


def test_a_fetch_costs_a_read_of_the_item(indexed, filled):
    p, items = filled
    query = dict(condition="p = :p", values={":p": S(p)}, IndexName="bare",
                 ReturnConsumedCapacity="INDEXES")
    consumed = indexed.query(**query)["ConsumedCapacity"]
    assert consumed["CapacityUnits"] == 1.0
    assert consumed["Table"]["CapacityUnits"] == 0.0
    assert consumed["LocalSecondaryIndexes"] == {"bare": {"CapacityUnits": 1.0}}
    consumed = indexed.query(Select="ALL_ATTRIBUTES", **query)["ConsumedCapacity"]
    assert consumed["Table"]["CapacityUnits"] == len(items)
    assert consumed["CapacityUnits"] == len(items) + 1
    query["ConsistentRead"] = False
    consumed = indexed.query(Select="ALL_ATTRIBUTES", **query)["ConsumedCapacity"]
    assert consumed["CapacityUnits"] == (len(items) + 1) / 2


# Item collections


def test_the_size_of_a_collection_is_told(loose, indexed):
    p = unique()
    key = {"p": S(p), "c": S("1")}
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    expected = {"ItemCollectionKey": {"p": S(p)}, "SizeEstimateRangeGB": [0.0, 1.0]}
    assert indexed.put(key | {"b": S("x")}, **size)["ItemCollectionMetrics"] == expected
    update = dict(expression="SET a = :a", values={":a": N(1)})
    assert indexed.update(key, **update, **size)["ItemCollectionMetrics"] == expected
    assert "ItemCollectionMetrics" not in indexed.put(key)
    put = {"PutRequest": {"Item": key}}
    answer = loose.batch_write_item(RequestItems={indexed.name: [put]}, **size)
    assert answer["ItemCollectionMetrics"] == {indexed.name: [expected]}
    actions = [{"Put": {"TableName": indexed.name, "Item": key}}]
    answer = loose.transact_write_items(TransactItems=actions, **size)
    assert answer["ItemCollectionMetrics"] == {indexed.name: [expected]}
    assert indexed.delete(key, **size)["ItemCollectionMetrics"] == expected


def test_a_table_without_local_indexes_has_no_collections(table_ss):
    key = {"p": S(unique()), "c": S("1")}
    assert "ItemCollectionMetrics" not in table_ss.put(key, ReturnItemCollectionMetrics="SIZE")


def test_an_unknown_wish_is_refused(indexed):
    with constraint("ALL", "returnItemCollectionMetrics", "Member must satisfy enum value set: ["):
        indexed.put({"p": S("1"), "c": S("1")}, ReturnItemCollectionMetrics="ALL")
