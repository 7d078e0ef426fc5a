"""Global secondary indexes: reading them."""

import pytest

from indexes import by_x, definitions, entries, eventually, index
from support import INVALID, N, NOT_FOUND, S, VALIDATION, invalid, refused, unique


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
