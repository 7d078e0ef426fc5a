"""Global indexes whose keys are made of several attributes."""

import pytest

from indexes import create_index, definitions, entries, eventually, index, keys, wait_built
from support import B, INVALID, N, S, VALIDATION, invalid, refused, unique

NAMES = [f"h{n}" for n in range(1, 6)] + [f"r{n}" for n in range(1, 6)]


def create(client, hashes, ranges, kind="GlobalSecondaryIndexes"):
    used = dict.fromkeys(hashes.split() + ranges.split(), "S")
    client.create_table(
        TableName=unique("t-"),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("p", "c"),
        AttributeDefinitions=definitions(**({"p": "S", "c": "S"} | used)),
        **{kind: [index("many", hashes, ranges)]},
    )


@pytest.fixture(scope="module")
def table(shared):
    """Partition key `p`; index `many` on `h1`, `h2` and `r1` (N), `r2` (S), `r3` (B)."""
    return shared.create(
        AttributeDefinitions=definitions(p="S", h1="S", h2="N", r1="N", r2="S", r3="B"),
        GlobalSecondaryIndexes=[index("many", "h1 h2", "r1 r2 r3")],
    )


@pytest.fixture(scope="module")
def filled(table):
    """The partition of twelve items, and these in the order of the index."""
    h = unique()
    items = [
        {"p": S(f"{h}-{r1}{r2}{r3}"), "h1": S(h), "h2": N(7), "r1": N(r1), "r2": S(r2),
         "r3": B(r3.encode())}
        for r1 in (9, 10, 100) for r2 in ("a", "ab") for r3 in ("x", "y")
    ]
    table.fill(items[::-1] + [{k: v for k, v in items[0].items() if k != "r3"}
                              | {"p": S(f"{h}-without")}])
    eventually(lambda: query(table, h, "")["Count"], 12)
    return h, items


def query(table, h, rest, values=None, **more):
    text = "h1 = :h1 AND h2 = :h2" + rest
    return table.query(
        text, values={":h1": S(h), ":h2": N(7)} | (values or {}), IndexName="many",
        ConsistentRead=False, **more,
    )


@pytest.mark.parametrize(
    "hashes, ranges, message",
    [
        ("h1 h2 h3 h4 h5", "",
         INVALID + "The KeySchema exceeds the maximum allowed number of HASH key attributes"),
        ("h1", "r1 r2 r3 r4 r5",
         INVALID + "The KeySchema exceeds the maximum allowed number of RANGE key attributes"),
        ("h1 h2", "h1", "The KeySchema contains multiple key attributes with the same name"),
    ],
)
def test_a_key_has_rules(loose, hashes, ranges, message):
    with invalid(message):
        create(loose, hashes, ranges)


def test_hash_attributes_come_first(loose):
    broken = index("many", "h1", "r1")
    broken["KeySchema"] += keys("h2")
    with invalid(
        INVALID + "All HASH key attributes must precede RANGE key attributes in the KeySchema"
    ):
        loose.create_table(
            TableName=unique("t-"), BillingMode="PAY_PER_REQUEST", KeySchema=keys("p"),
            AttributeDefinitions=definitions(p="S", h1="S", h2="S", r1="S"),
            GlobalSecondaryIndexes=[broken],
        )


def test_a_local_index_has_no_such_key(loose):
    with refused(VALIDATION, contains="Member must have length less than or equal to 2"):
        create(loose, "p", "r1 r2", "LocalSecondaryIndexes")


def test_four_and_four_are_the_most(client, tables):
    made = tables.create(
        AttributeDefinitions=definitions(
            p="S", **{f"{kind}{n}": "S" for kind in "hr" for n in range(1, 5)}
        ),
        GlobalSecondaryIndexes=[index("many", "h1 h2 h3 h4", "r1 r2 r3 r4")],
    )
    shown = client.describe_table(TableName=made.name)["Table"]["GlobalSecondaryIndexes"][0]
    assert shown["KeySchema"] == keys("h1 h2 h3 h4", "r1 r2 r3 r4")
    item = {"p": S("p")} | {f"{kind}{n}": S(kind) for kind in "hr" for n in range(1, 5)}
    made.put(item)
    made.put({k: v for k, v in item.items() if k != "r4"} | {"p": S("q")})
    eventually(lambda: entries(made, "many"), [item])
    text = " AND ".join(f"h{n} = :h AND r{n} = :r" for n in range(1, 5))
    found = made.query(text, values={":h": S("h"), ":r": S("r")}, IndexName="many",
                       ConsistentRead=False)
    assert found["Items"] == [item]


def test_items_lie_in_the_order_of_the_attributes(table, filled):
    h, items = filled
    assert query(table, h, "")["Items"] == items
    assert query(table, h, "", ScanIndexForward=False)["Items"] == items[::-1]


@pytest.mark.parametrize(
    "rest, values, places",
    [
        (" AND r1 = :a", {":a": N(10)}, range(4, 8)),
        (" AND r1 > :a", {":a": N(10)}, range(8, 12)),
        (" AND r1 <= :a", {":a": N(10)}, range(0, 8)),
        (" AND r1 = :a AND r2 = :b", {":a": N(10), ":b": S("a")}, range(4, 6)),
        (" AND r2 = :b AND r1 = :a", {":a": N(10), ":b": S("a")}, range(4, 6)),
        (" AND r1 = :a AND begins_with(r2, :b)", {":a": N(10), ":b": S("a")}, range(4, 8)),
        (" AND r1 = :a AND r2 > :b", {":a": N(10), ":b": S("a")}, range(6, 8)),
        (" AND r1 = :a AND r2 = :b AND r3 BETWEEN :c AND :d",
         {":a": N(100), ":b": S("ab"), ":c": B(b"y"), ":d": B(b"z")}, range(11, 12)),
    ],
)
def test_a_query_goes_from_left_to_right(table, filled, rest, values, places):
    h, items = filled
    assert query(table, h, rest, values)["Items"] == [items[place] for place in places]


@pytest.mark.parametrize(
    "rest, values, missing, last",
    [
        (" AND r2 = :b", {":b": S("a")}, "r1", "r2"),
        (" AND r3 = :c", {":c": B(b"x")}, "r1, r2", "r3"),
        (" AND r1 > :a AND r2 = :b", {":a": N(1), ":b": S("a")}, "r1", "r2"),
        (" AND r1 = :a AND r3 = :c", {":a": N(1), ":c": B(b"x")}, "r2", "r3"),
    ],
)
def test_no_attribute_is_left_out(table, rest, values, missing, last):
    with invalid(
        f"RANGE key attributes {missing} must have equality conditions specified in the query "
        f"because a condition is present on key attribute {last}"
    ):
        query(table, "h", rest, values)


def unequal(names):
    return f"HASH key attributes {names} must have equality conditions specified in the query"


@pytest.mark.parametrize(
    "text, values, message",
    [
        ("h1 = :a", {":a": S("h")}, unequal("h2")),
        ("r1 = :b", {":b": N(1)}, unequal("h1, h2")),
        ("h1 = :a AND h2 > :b", {":a": S("h"), ":b": N(1)}, unequal("h2")),
        ("h1 = :a AND h2 BETWEEN :b AND :b", {":a": S("h"), ":b": N(1)}, unequal("h2")),
        ("begins_with(h1, :a) AND h2 = :b", {":a": S("h"), ":b": N(1)}, unequal("h1")),
        ("h1 = :a AND h2 = :b AND p = :a", {":a": S("h"), ":b": N(1)},
         "Query condition missed key schema element: r1"),
        ("h1 = :a AND h2 = :a", {":a": S("h")},
         INVALID + "Condition parameter type does not match schema type"),
    ],
)
def test_all_hash_attributes_equal_a_value(table, text, values, message):
    with invalid(message):
        table.query(text, values=values, IndexName="many", ConsistentRead=False)


def asks(operator, value):
    return {"ComparisonOperator": operator, "AttributeValueList": [value]}


def test_key_conditions_ask_for_such_keys_too(table, filled):
    h, items = filled
    hashes = {"h1": asks("EQ", S(h)), "h2": asks("EQ", N(7))}
    for sort, places in (
        ({}, range(0, 12)),
        ({"r1": asks("GT", N(10))}, range(8, 12)),
        ({"r2": asks("EQ", S("a")), "r1": asks("EQ", N(10))}, range(4, 6)),
        ({"r1": asks("EQ", N(10)), "r2": asks("EQ", S("a")), "r3": asks("LT", B(b"y"))}, [4]),
    ):
        found = table.query(KeyConditions=hashes | sort, IndexName="many", ConsistentRead=False)
        assert found["Items"] == [items[place] for place in places]


@pytest.mark.parametrize(
    "conditions, message",
    [
        ({"h1": asks("EQ", S("h"))}, unequal("h2")),
        ({"h1": asks("EQ", S("h")), "h2": asks("EQ", N(1)), "r2": asks("EQ", S("a"))},
         "RANGE key attributes r1 must have equality conditions specified in the query because a "
         "condition is present on key attribute r2"),
        ({"h1": asks("EQ", S("h")), "h2": asks("EQ", N(1)), "r1": asks("NE", N(1))},
         "Attempted conditional constraint is not an indexable operation"),
    ],
)
def test_key_conditions_leave_nothing_out(table, conditions, message):
    with invalid(message):
        table.query(KeyConditions=conditions, IndexName="many", ConsistentRead=False)


def test_a_simple_key_takes_two_conditions(tables):
    made = tables.create("S", "S")
    with invalid(
        "The number of query conditions (3) exceeds the number of key attributes defined in the "
        "schema (2)"
    ):
        made.query("p = :a AND c = :a AND d = :a", values={":a": S("1")})


def test_pages_follow_each_other(table, filled):
    h, items = filled
    found, pages = table.all_pages(
        lambda **rest: query(table, h, "", Limit=5, **rest)
    )
    assert (found, pages) == (items, 3)
    page = query(table, h, "", Limit=1)
    assert sorted(page["LastEvaluatedKey"]) == ["h1", "h2", "p", "r1", "r2", "r3"]


def test_a_filter_holds_none_of_the_key(table):
    for name in ("h2", "r3"):
        with refused(VALIDATION, contains=f"Primary key attribute: {name}"):
            query(table, "h", "", filter=f"attribute_exists({name})")


def test_each_attribute_has_its_type(table, key):
    with refused(VALIDATION, contains="Type mismatch for Index Key h2 Expected: N Actual: S"):
        table.put(key | {"h2": S("7")})


def test_such_an_index_is_added_to_a_table_with_items(client, tables):
    made = tables.create()
    items = [{"p": S(str(n)), "a": S("same"), "b": N(1), "c": S(f"c{n}")} for n in range(5)]
    made.fill(items + [{"p": S("without"), "a": S("same")}])
    create_index(client, made, index("many", "a b", "c"), a="S", b="N", c="S")
    wait_built(client, made, "many")
    assert entries(made, "many") == items
