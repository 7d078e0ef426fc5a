"""Global secondary indexes: defining them with the table, what is in them, reading them."""

import pytest

from indexes import definitions, described, entries, eventually, index, keys
from support import (
    B, INVALID, L, M, N, NOT_FOUND, NULL, S, SS, VALIDATION, constraint, invalid, refused, unique,
)


@pytest.fixture(scope="module")
def indexed(loose, shared):
    """Partition key `p`; index `by-x` on `x` (S) with all attributes, `by-n` on `x` and `n` (N)
    with keys only, `some` on `y` with `a` and `b`."""
    return shared.create(
        AttributeDefinitions=definitions(p="S", x="S", n="N", y="S"),
        GlobalSecondaryIndexes=[
            index("by-x", "x"),
            index("by-n", "x", "n", "KEYS_ONLY"),
            index("some", "y", include=["a", "b"]),
        ],
    )


def by_x(table, x, **rest):
    answer = table.query(
        "x = :x", values={":x": S(x)}, IndexName="by-x", ConsistentRead=False, **rest
    )
    return answer["Items"]


def create(client, types=None, **rest):
    """CreateTable that is to be refused: partition key `p`, sort key `c`."""
    client.create_table(
        TableName=unique("t-"),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("p", "c"),
        AttributeDefinitions=definitions(**({"p": "S", "c": "S"} | (types or {}))),
        **rest,
    )


# Describing


def test_an_index_is_described(client, indexed):
    table = client.describe_table(TableName=indexed.name)["Table"]
    names = [one["IndexName"] for one in table["GlobalSecondaryIndexes"]]
    assert names == ["by-x", "by-n", "some"]
    shown = described(client, indexed, "by-n")
    assert shown["KeySchema"] == keys("x", "n")
    assert shown["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert shown["IndexStatus"] == "ACTIVE"
    assert shown["IndexArn"] == f"{table['TableArn']}/index/by-n"
    throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}
    assert shown["ProvisionedThroughput"] == throughput
    assert "Backfilling" not in shown
    assert "LocalSecondaryIndexes" not in table


def test_all_key_attributes_are_defined_in_the_order_of_their_names(client, indexed):
    table = client.describe_table(TableName=indexed.name)["Table"]
    assert table["AttributeDefinitions"] == definitions(n="N", p="S", x="S", y="S")


def test_projected_attributes_are_described_in_order(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("i-1", "x", include=["zz", "aa", "mm"])],
    )
    assert described(client, table, "i-1")["Projection"] == {
        "ProjectionType": "INCLUDE", "NonKeyAttributes": ["aa", "mm", "zz"],
    }


def test_the_answer_to_a_creation_shows_the_index_being_created(loose):
    name = unique("t-")
    table = loose.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("p"),
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x")],
    )["TableDescription"]
    [shown] = table["GlobalSecondaryIndexes"]
    assert shown["IndexStatus"] == "CREATING"
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (0, 0)
    loose.delete_table(TableName=name)


def test_entries_are_counted(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x", projection="KEYS_ONLY")],
    )
    table.put({"p": S("1"), "x": S("22"), "other": S("3333")})
    table.put({"p": S("2"), "other": S("no x")})
    shown = described(client, table, "by-x")
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (1, 1 + 1 + 1 + 2)
    table.update({"p": S("2")}, "SET x = :x", values={":x": S("4444")})
    assert described(client, table, "by-x")["ItemCount"] == 2
    table.delete({"p": S("1")})
    shown = described(client, table, "by-x")
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (1, 1 + 1 + 1 + 4)


def test_a_provisioned_index_has_a_throughput_of_its_own(client, tables):
    capacity = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
        GlobalSecondaryIndexes=[index("by-x", "x", ProvisionedThroughput=capacity)],
    )
    shown = described(client, table, "by-x")["ProvisionedThroughput"]
    assert (shown["ReadCapacityUnits"], shown["WriteCapacityUnits"]) == (3, 4)


# What is refused when a table is made


def test_a_key_attribute_needs_a_definition(loose):
    with invalid(
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
        "Keys: [x], AttributeDefinitions: [p, c]"
    ):
        create(loose, GlobalSecondaryIndexes=[index("by-x", "x")])


def test_a_definition_needs_a_use(loose):
    with refused(VALIDATION, contains="Some AttributeDefinitions are not used. AttributeDefin"):
        create(loose, {"x": "S", "y": "S"}, GlobalSecondaryIndexes=[index("by-x", "x")])


def test_a_useless_definition_is_found_before_a_bad_projection(loose):
    with refused(VALIDATION, contains="Some AttributeDefinitions are not used"):
        create(
            loose, {"x": "S", "y": "S"},
            GlobalSecondaryIndexes=[index("by-x", "x", projection=None)],
        )


def test_an_attribute_has_one_type(loose):
    with invalid("Attribute Name is duplicated: x"):
        loose.create_table(
            TableName=unique("t-"),
            BillingMode="PAY_PER_REQUEST",
            KeySchema=keys("p"),
            AttributeDefinitions=definitions(p="S", x="S") + definitions(x="N"),
            GlobalSecondaryIndexes=[index("by-x", "x")],
        )


def test_index_names_differ(loose):
    with invalid(INVALID + "Duplicate index name: same"):
        create(
            loose, {"x": "S"},
            GlobalSecondaryIndexes=[index("same", "x"), index("same", "c")],
        )


@pytest.mark.parametrize(
    "name, rule",
    [
        ("ab", "Member must have length greater than or equal to 3"),
        ("n" * 256, "Member must have length less than or equal to 255"),
        ("n@me", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ],
)
def test_index_names_have_a_form(loose, name, rule):
    with constraint(name, "globalSecondaryIndexes.1.member.indexName", rule):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[index(name, "x")])


def test_what_is_wrong_with_global_indexes_is_told_first(loose):
    with refused(
        VALIDATION,
        "2 validation errors detected: "
        "Value 'g1' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3; "
        "Value 'l1' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3",
    ):
        create(
            loose, {"x": "S"},
            LocalSecondaryIndexes=[index("l1", "p", "x")],
            GlobalSecondaryIndexes=[index("g1", "x")],
        )


def test_an_index_may_be_called_as_its_table_and_be_keyed_alike(client, tables):
    name = unique("t-")
    table = tables.create(
        name=name, GlobalSecondaryIndexes=[index(name, "p"), index("n" * 255, "p")]
    )
    item = {"p": S("1"), "v": S("w")}
    table.put(item)
    assert entries(table, name) == [item]
    assert entries(table, "n" * 255) == [item]


@pytest.mark.parametrize("member", ["IndexName", "KeySchema", "Projection"])
def test_an_index_needs_all_its_parts(loose, member):
    broken = index("by-x", "x")
    del broken[member]
    at = f"globalSecondaryIndexes.1.member.{member[0].lower()}{member[1:]}"
    with constraint(None, at, "Member must not be null"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


def test_an_empty_list_is_refused(loose):
    with invalid(INVALID + "List of GlobalSecondaryIndexes is empty"):
        create(loose, GlobalSecondaryIndexes=[])


def test_twenty_indexes_are_the_most(loose, tables):
    many = [index(f"index-{number}", "p") for number in range(20)]
    tables.create(GlobalSecondaryIndexes=many)
    with invalid(INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20"):
        create(loose, GlobalSecondaryIndexes=many + [index("one-more", "p")])


@pytest.mark.parametrize(
    "projection, message",
    [
        ({}, "Unknown ProjectionType: null"),
        ({"ProjectionType": "INCLUDE"},
         "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
        ({"ProjectionType": "ALL", "NonKeyAttributes": ["a"]},
         "ProjectionType is ALL, but NonKeyAttributes is specified"),
        ({"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["a"]},
         "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b", "a"]},
         "Duplicate element in NonKeyAttributes: a"),
    ],
    ids=str,
)
def test_a_projection_has_rules(loose, projection, message):
    broken = index("by-x", "x") | {"Projection": projection}
    with invalid(INVALID + message):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


@pytest.mark.parametrize(
    "projection, value, at, rule",
    [
        ({"ProjectionType": "SOME"}, "SOME", "projectionType",
         "Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": []}, "[]", "nonKeyAttributes",
         "Member must have length greater than or equal to 1"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": [str(n) for n in range(21)]}, "[...]",
         "nonKeyAttributes", "Member must have length less than or equal to 20"),
    ],
    ids=str,
)
def test_a_projection_has_a_form(loose, projection, value, at, rule):
    broken = index("by-x", "x") | {"Projection": projection}
    with constraint(value, f"globalSecondaryIndexes.1.member.projection.{at}", rule):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


def test_a_projected_name_is_a_string(loose):
    broken = index("by-x", "x", include=["a", 1])
    with refused("SerializationException"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


def test_all_indexes_together_project_a_hundred_attributes(loose):
    many = [
        index(f"index-{number}", "x", include=[f"a{number}-{place}" for place in range(20)])
        for number in range(6)
    ]
    with refused(VALIDATION, contains="100"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=many)


def test_a_provisioned_index_needs_a_throughput(loose):
    with invalid(INVALID + "ProvisionedThroughput is not specified for index: by-x"):
        loose.create_table(
            TableName=unique("t-"),
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            KeySchema=keys("p"),
            AttributeDefinitions=definitions(p="S", x="S"),
            GlobalSecondaryIndexes=[index("by-x", "x")],
        )


def test_an_on_demand_index_has_none(loose):
    capacity = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    with invalid(
        INVALID + "ProvisionedThroughput should not be specified for index: by-x when "
        "BillingMode is PAY_PER_REQUEST"
    ):
        create(
            loose, {"x": "S"},
            GlobalSecondaryIndexes=[index("by-x", "x", ProvisionedThroughput=capacity)],
        )


def test_a_range_key_alone_is_no_key(loose):
    with invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[index("by-x", (), "x")])


def test_hash_and_range_key_differ(loose):
    with invalid(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name"
    ):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[index("by-x", "x", "x")])


# Which items are in an index


def test_an_item_is_found_by_its_index_key(indexed):
    x = unique()
    item = {"p": S(unique()), "x": S(x), "v": M(a=N(1))}
    indexed.put(item)
    eventually(lambda: by_x(indexed, x), [item])


def test_an_index_holds_many_items_of_one_key(indexed):
    x = unique()
    items = [{"p": S(f"{x}-{number}"), "x": S(x)} for number in range(30)]
    indexed.fill(items)
    eventually(lambda: sorted(i["p"]["S"] for i in by_x(indexed, x)),
               sorted(i["p"]["S"] for i in items))


def test_an_item_without_the_key_is_not_in_the_index(indexed, key):
    x = unique()
    indexed.put(key | {"v": S("w")})
    assert indexed.get(key) == key | {"v": S("w")}
    indexed.update(key, "SET x = :x", values={":x": S(x)})
    eventually(lambda: by_x(indexed, x), [key | {"v": S("w"), "x": S(x)}])
    indexed.update(key, "REMOVE x")
    eventually(lambda: by_x(indexed, x), [])


def test_an_item_with_half_the_key_is_not_in_the_index(indexed, key):
    x = unique()
    indexed.put(key | {"x": S(x)})
    found = indexed.query(
        "x = :x", values={":x": S(x)}, IndexName="by-n", ConsistentRead=False
    )
    assert found["Items"] == []


def test_an_item_moves_in_the_index(indexed, key):
    first, second = unique(), unique()
    indexed.put(key | {"x": S(first)})
    indexed.put(key | {"x": S(second)})
    eventually(lambda: by_x(indexed, second), [key | {"x": S(second)}])
    assert by_x(indexed, first) == []
    indexed.delete(key)
    eventually(lambda: by_x(indexed, second), [])


def test_an_update_of_another_attribute_reaches_the_index(indexed, key):
    x = unique()
    indexed.put(key | {"x": S(x)})
    indexed.update(key, "SET v = :v", values={":v": N(1)})
    eventually(lambda: by_x(indexed, x), [key | {"x": S(x), "v": N(1)}])


def test_keys_only_holds_the_keys_of_index_and_table(indexed, key):
    x = unique()
    indexed.put(key | {"x": S(x), "n": N(5), "v": S("not this")})
    eventually(
        lambda: indexed.query(
            "x = :x AND n = :n", values={":x": S(x), ":n": N(5)},
            IndexName="by-n", ConsistentRead=False,
        )["Items"],
        [key | {"x": S(x), "n": N(5)}],
    )


def test_include_adds_the_named_attributes(indexed, key):
    y = unique()
    indexed.put(key | {"y": S(y), "a": SS("s"), "c": S("not this"), "x": S("nor this")})
    eventually(
        lambda: indexed.query(
            "y = :y", values={":y": S(y)}, IndexName="some", ConsistentRead=False
        )["Items"],
        [key | {"y": S(y), "a": SS("s")}],
    )


def test_key_attributes_may_be_included(tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x", include=["x", "a"])],
    )
    table.put({"p": S("1"), "x": S("2"), "a": S("3"), "b": S("4")})
    eventually(lambda: entries(table, "by-x"), [{"p": S("1"), "x": S("2"), "a": S("3")}])


# Values that cannot be keys

MISMATCH = INVALID + "Type mismatch for Index Key x Expected: S Actual: {} IndexName: by-n"
EMPTY = (
    "One or more parameter values are not valid. A value specified for a secondary index key is "
    "not supported. The AttributeValue for a key attribute cannot contain an empty string value. "
    "IndexName: by-n, IndexKey: x"
)
EMPTY_UPDATE = (
    "One or more parameter values are not valid. The update expression attempted to update a "
    "secondary index key to a value that is not supported. The AttributeValue for a key attribute "
    "cannot contain an empty string value."
)


@pytest.mark.parametrize(
    "value, actual", [(N(3), "N"), (NULL, "NULL"), (SS("a"), "SS"), (M(), "M"), (B(b"x"), "B")]
)
def test_a_put_of_another_type_is_refused(indexed, key, value, actual):
    with invalid(MISMATCH.format(actual)):
        indexed.put(key | {"x": value})
    assert indexed.get(key) is None


def test_a_put_of_an_empty_key_is_refused(indexed, key):
    with invalid(EMPTY):
        indexed.put(key | {"x": S("")})


def test_a_put_of_a_key_too_long_is_refused(indexed, key):
    indexed.put(key | {"x": S("x" * 2048)})
    with refused(VALIDATION, contains="Size of hashkey has exceeded the maximum size limit of2048"):
        indexed.put(key | {"x": S("x" * 2049)})
    assert len(indexed.get(key)["x"]["S"]) == 2048


def test_a_range_key_too_long_is_refused(tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S", y="S"),
        GlobalSecondaryIndexes=[index("by-x", "x", "y")],
    )
    item = {"p": S("1"), "x": S("x")}
    table.put(item | {"y": S("y" * 1024)})
    with refused(VALIDATION, contains="Aggregated size of all range keys has exceeded"):
        table.put(item | {"y": S("y" * 1025)})


def test_a_batch_with_a_wrong_type_is_refused_whole(loose, indexed):
    good, bad = {"p": S(unique())}, {"p": S(unique())}
    with invalid(MISMATCH.format("N")):
        loose.batch_write_item(RequestItems={indexed.name: [
            {"PutRequest": {"Item": good}}, {"PutRequest": {"Item": bad | {"x": N(1)}}},
        ]})
    assert indexed.get(good) is None


def test_an_update_to_another_type_is_refused(indexed, key):
    item = key | {"x": S(unique()), "n": N(1)}
    indexed.put(item)
    with invalid(MISMATCH.format("N")):
        indexed.update(key, "SET x = :v", values={":v": N(1)})
    with invalid(MISMATCH.format("N")):
        indexed.update(key, AttributeUpdates={"x": {"Action": "PUT", "Value": N(1)}})
    with refused(VALIDATION, contains="update the secondary index key to unsupported type"):
        indexed.update(key, "SET x = n")
    with invalid(EMPTY_UPDATE):
        indexed.update(key, "SET x = :v", values={":v": S("")})
    with refused(VALIDATION, contains="secondary index key beyond allowed size limits"):
        indexed.update(key, "SET x = :v", values={":v": S("x" * 2049)})
    assert indexed.get(key) == item


def test_a_path_into_an_index_key_is_refused(indexed, key):
    message = (
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
        "allowed: IndexKey: x"
    )
    with invalid(message):
        indexed.update(key, "SET x.y = :v", values={":v": N(1)})
    with invalid(message):
        indexed.put(key, condition="x[0] = :v", values={":v": N(1)})
    with invalid(message):
        indexed.fetch(key, projection="x.y")
    with invalid(message):
        indexed.update(key, "SET e = nowhere, f = x.y")
    with invalid(message):
        indexed.update(key, "SET e = if_not_exists(x[0], :v)", values={":v": N(1)})


def test_the_type_of_what_is_computed_for_an_index_key_is_told_first(indexed, key):
    with invalid(MISMATCH.format("N")):
        indexed.update(key, "SET e = x[1], x = p + :v", values={":v": N(1)})
    with invalid(MISMATCH.format("L")):
        indexed.update(key, "SET x = list_append(nowhere, :v)", values={":v": L()})
    assert indexed.get(key) is None


@pytest.mark.parametrize("value", [N(1), S("x" * 2049)], ids=["type", "length"])
def test_a_transaction_tells_which_action_has_a_wrong_index_key(loose, indexed, value):
    first, second = {"p": S(unique())}, {"p": S(unique())}
    put = lambda item: {"Put": {"TableName": indexed.name, "Item": item}}
    with refused("TransactionCanceledException") as caught:
        loose.transact_write_items(TransactItems=[put(first), put(second | {"x": value})])
    codes = [r["Code"] for r in caught.value.response["CancellationReasons"]]
    assert codes == ["None", "ValidationError"]
    with invalid(EMPTY):
        loose.transact_write_items(TransactItems=[put(first), put(second | {"x": S("")})])
    assert indexed.get(first) is None


# Reading


def test_a_missing_index_is_told(loose, indexed):
    message = "The table does not have the specified index: nowhere"
    with invalid(message):
        indexed.query("x = :x", values={":x": S("1")}, IndexName="nowhere")
    with invalid(message):
        indexed.scan(IndexName="nowhere")
    with refused(NOT_FOUND):
        loose.scan(TableName=unique("none-"), IndexName="by-x")


def test_a_consistent_read_is_refused(indexed):
    message = "Consistent reads are not supported on global secondary indexes"
    with invalid(message):
        indexed.query("x = :x", values={":x": S("1")}, IndexName="by-x", ConsistentRead=True)
    with invalid(message):
        indexed.scan(IndexName="by-x", ConsistentRead=True)


def test_a_query_of_the_table_knows_no_index_keys(indexed):
    with invalid("Query condition missed key schema element: p"):
        indexed.query("x = :x", values={":x": S("1")})
    with invalid("Query condition missed key schema element: x"):
        indexed.query("p = :x", values={":x": S("1")}, IndexName="by-x", ConsistentRead=False)


def test_a_filter_holds_no_keys_of_the_index(indexed, key):
    with invalid(
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: x"
    ):
        indexed.query("x = :x", values={":x": S("1")}, filter="x = :x", IndexName="by-x",
                      ConsistentRead=False)
    x = unique()
    indexed.put(key | {"x": S(x)})
    eventually(
        lambda: indexed.query(
            "x = :x", values={":x": S(x), ":p": key["p"]}, filter="p = :p", IndexName="by-x",
            ConsistentRead=False,
        )["Count"],
        1,
    )


@pytest.fixture(scope="module")
def numbered(indexed):
    """Twelve items of one `x`, with `n` from 0 to 5, each twice."""
    x = unique()
    indexed.fill([
        {"p": S(f"{x}-{n}-{half}"), "x": S(x), "n": N(n), "v": N(half)}
        for n in range(6) for half in range(2)
    ])
    return x


@pytest.mark.parametrize(
    "condition, values, expected",
    [
        ("n = :a", {":a": N(2)}, [2]),
        ("n < :a", {":a": N(2)}, [0, 1]),
        ("n <= :a", {":a": N(2)}, [0, 1, 2]),
        ("n > :a", {":a": N(3)}, [4, 5]),
        ("n >= :a", {":a": N(3)}, [3, 4, 5]),
        ("n BETWEEN :a AND :b", {":a": N(1), ":b": N(3)}, [1, 2, 3]),
    ],
)
@pytest.mark.parametrize("forward", [True, False])
def test_sort_conditions_find_all_items_of_a_key(
    indexed, numbered, condition, values, expected, forward
):
    found = indexed.query(
        f"x = :x AND {condition}", values=values | {":x": S(numbered)}, IndexName="by-n",
        ConsistentRead=False, ScanIndexForward=forward,
    )["Items"]
    twice = [n for n in expected for _ in range(2)]
    assert [int(item["n"]["N"]) for item in found] == (twice if forward else twice[::-1])


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 5])
def test_pages_of_a_query_follow_each_other(indexed, numbered, forward, limit):
    items, pages = indexed.all_pages(
        indexed.query, condition="x = :x", values={":x": S(numbered)}, IndexName="by-n",
        ConsistentRead=False, Limit=limit, ScanIndexForward=forward,
    )
    assert pages == 12 // limit + 1
    assert len({item["p"]["S"] for item in items}) == 12
    ns = [int(item["n"]["N"]) for item in items]
    assert ns == sorted(ns, reverse=not forward)


def test_the_last_key_has_the_keys_of_index_and_table(indexed, numbered):
    page = indexed.query(
        "x = :x", values={":x": S(numbered)}, IndexName="by-n", ConsistentRead=False, Limit=1
    )
    assert sorted(page["LastEvaluatedKey"]) == ["n", "p", "x"]


@pytest.mark.parametrize(
    "start",
    [
        {"p": S("1")},
        {"x": S("1"), "n": N(1)},
        {"p": S("1"), "x": S("1"), "n": N(1), "more": S("1")},
    ],
    ids=str,
)
def test_a_start_key_has_just_these(indexed, start):
    with invalid("The provided starting key is invalid"):
        indexed.query("x = :x", values={":x": S("1")}, IndexName="by-n", ConsistentRead=False,
                      ExclusiveStartKey=start)
    with invalid("The provided starting key is invalid"):
        indexed.scan(IndexName="by-n", ConsistentRead=False, ExclusiveStartKey=start)


def test_a_start_key_of_other_types_tells_whether_the_index_or_the_table_has_it_so(indexed):
    mismatch = "The provided key element does not match the schema"
    ask = {"IndexName": "by-n", "ConsistentRead": False}
    for start, message in [
        ({"p": S("1"), "x": S("1"), "n": S("1")}, mismatch),
        ({"p": N(1), "x": S("1"), "n": N(1)}, "The provided starting key is invalid: " + mismatch),
        ({"q": S("1"), "x": S("1"), "n": N(1)}, "The provided starting key is invalid: " + mismatch),
    ]:
        with invalid(message):
            indexed.query("x = :x", values={":x": S("1")}, ExclusiveStartKey=start, **ask)
        with invalid(message):
            indexed.scan(ExclusiveStartKey=start, **ask)


def test_a_start_key_lies_in_the_query(indexed):
    start = {"p": S("1"), "x": S("other"), "n": N(1)}
    with refused(VALIDATION, contains="The provided starting key is outside query boundaries"):
        indexed.query("x = :x", values={":x": S("1")}, IndexName="by-n", ConsistentRead=False,
                      ExclusiveStartKey=start)


def test_a_scan_sees_each_item_once_in_all_segments(tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x")],
    )
    items = [{"p": S(f"{n:03}"), "x": S(f"x{n % 40}")} for n in range(120)]
    table.fill(items + [{"p": S("without")}])
    eventually(lambda: entries(table, "by-x"), items)
    parts = [
        entries(table, "by-x", Segment=segment, TotalSegments=3, Limit=7) for segment in range(3)
    ]
    assert sorted((item for part in parts for item in part), key=str) == sorted(items, key=str)
    assert all(parts)


def test_pages_end_at_a_megabyte(tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("all", "x"), index("keys", "x", projection="KEYS_ONLY")],
    )
    for number in range(6):
        table.put({"p": S(str(number)), "x": S("x"), "v": S("v" * 300_000)})
    query = dict(condition="x = :x", values={":x": S("x")}, ConsistentRead=False)
    assert table.query(IndexName="all", **query)["Count"] == 4
    assert table.query(IndexName="keys", **query)["Count"] == 6


# Select


def test_all_attributes_of_an_index_that_has_them(indexed, key):
    x = unique()
    indexed.put(key | {"x": S(x), "v": S("w")})
    eventually(lambda: by_x(indexed, x, Select="ALL_ATTRIBUTES"),
               [key | {"x": S(x), "v": S("w")}])
    assert by_x(indexed, x, Select="ALL_PROJECTED_ATTRIBUTES")
    count = indexed.query("x = :x", values={":x": S(x)}, IndexName="by-x", ConsistentRead=False,
                          Select="COUNT")
    assert "Items" not in count and count["Count"] == 1


def test_all_attributes_of_an_index_that_has_not(indexed):
    with invalid(
        INVALID + "Select type ALL_ATTRIBUTES is not supported for global secondary index some "
        "because its projection type is not ALL"
    ):
        indexed.query("y = :y", values={":y": S("1")}, IndexName="some", ConsistentRead=False,
                      Select="ALL_ATTRIBUTES")


def test_an_attribute_that_is_not_projected_is_refused(indexed, key):
    query = dict(condition="y = :y", IndexName="some", ConsistentRead=False)
    with invalid(INVALID + "Global secondary index some does not project [c, d]"):
        indexed.query(projection="a, c, d", values={":y": S("1")}, **query)
    with invalid(INVALID + "Global secondary index some does not project [c]"):
        indexed.query(filter="c = :y", values={":y": S("1")}, **query)
    y = unique()
    indexed.put(key | {"y": S(y), "a": S("1"), "b": S("2")})
    eventually(
        lambda: indexed.query(projection="b, p", values={":y": S(y)}, **query)["Items"],
        [{"b": S("2")} | key],
    )


def test_old_parameters_read_an_index(loose, indexed, key):
    x = unique()
    indexed.put(key | {"x": S(x), "v": S("w")})
    condition = {"x": {"ComparisonOperator": "EQ", "AttributeValueList": [S(x)]}}
    eventually(
        lambda: loose.query(
            TableName=indexed.name, IndexName="by-x", KeyConditions=condition,
            AttributesToGet=["v"],
        )["Items"],
        [{"v": S("w")}],
    )
