"""Global secondary indexes: what is in them, and what cannot be."""

import pytest

from indexes import by_x, definitions, entries, eventually, index
from support import B, INVALID, L, M, N, NULL, S, SS, VALIDATION, invalid, refused, unique


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
