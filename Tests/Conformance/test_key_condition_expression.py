"""Key condition expressions: what a query may ask of a key."""

import pytest

from support import (
    B, BOOL, INVALID, N, NULL, S, SS, VALIDATION, invalid, refused, unique,
)

PREFIX = "Invalid KeyConditionExpression: "


@pytest.fixture(scope="module")
def words(table_ss):
    p = S(unique())
    table_ss.fill([{"p": p, "c": S(c)} for c in
                   ["a", "aa", "ab", "abc", "abd", "b", "ba", "c", "ß", "🚲"]])
    return p


STRINGS = [
    ("p = :p", {}, ["a", "aa", "ab", "abc", "abd", "b", "ba", "c", "ß", "🚲"]),
    ("p = :p AND c = :x", {":x": "ab"}, ["ab"]),
    ("p = :p AND c = :x", {":x": "none"}, []),
    ("p = :p AND c < :x", {":x": "ab"}, ["a", "aa"]),
    ("p = :p AND c <= :x", {":x": "ab"}, ["a", "aa", "ab"]),
    ("p = :p AND c > :x", {":x": "b"}, ["ba", "c", "ß", "🚲"]),
    ("p = :p AND c >= :x", {":x": "b"}, ["b", "ba", "c", "ß", "🚲"]),
    ("p = :p AND c BETWEEN :x AND :y", {":x": "aa", ":y": "abd"}, ["aa", "ab", "abc", "abd"]),
    ("p = :p AND c BETWEEN :x AND :y", {":x": "ab", ":y": "ab"}, ["ab"]),
    ("p = :p AND begins_with(c, :x)", {":x": "ab"}, ["ab", "abc", "abd"]),
    ("p = :p AND begins_with(c, :x)", {":x": "🚲"}, ["🚲"]),
    ("p = :p AND begins_with(c, :x)", {":x": "z"}, []),
    # spelling: sides, order, case, parentheses
    ("c = :x AND p = :p", {":x": "ab"}, ["ab"]),
    ("begins_with(c, :x) and p = :p", {":x": "ab"}, ["ab", "abc", "abd"]),
    (":p = p AND :x < c", {":x": "c"}, ["ß", "🚲"]),
    ("(p = :p) AND (c = :x)", {":x": "ab"}, ["ab"]),
    ("(p = :p AND c = :x)", {":x": "ab"}, ["ab"]),
    ("p=:p and c between :x and :y", {":x": "b", ":y": "c"}, ["b", "ba", "c"]),
]


@pytest.mark.parametrize("condition, texts, expected", STRINGS, ids=lambda v: str(v)[:40])
def test_a_query_finds_its_range_of_strings(table_ss, words, condition, texts, expected):
    values = {":p": words} | {name: S(text) for name, text in texts.items()}
    found = table_ss.query(condition, values=values)
    assert [item["c"]["S"] for item in found["Items"]] == expected
    assert found["Count"] == found["ScannedCount"] == len(expected)


@pytest.mark.parametrize("condition, texts, expected", STRINGS[:10], ids=lambda v: str(v)[:40])
def test_the_same_range_backwards(table_ss, words, condition, texts, expected):
    values = {":p": words} | {name: S(text) for name, text in texts.items()}
    found = table_ss.query(condition, values=values, ScanIndexForward=False)
    assert [item["c"]["S"] for item in found["Items"]] == expected[::-1]


def test_names_stand_for_the_keys(table_ss, words):
    found = table_ss.query(
        "#p = :p AND begins_with(#c, :x)", names={"#p": "p", "#c": "c"},
        values={":p": words, ":x": S("ab")},
    )
    assert found["Count"] == 3


@pytest.mark.parametrize(
    "condition, numbers, expected",
    [
        ("p = :p AND c = :x", {":x": "1.0"}, [1]),
        ("p = :p AND c < :x", {":x": "1"}, [-100, -1, 0]),
        ("p = :p AND c > :x", {":x": "9"}, [10, 100]),
        ("p = :p AND c >= :x", {":x": "-1e0"}, [-1, 0, 1, 2, 9, 10, 100]),
        ("p = :p AND c BETWEEN :x AND :y", {":x": "-2", ":y": "9.5"}, [-1, 0, 1, 2, 9]),
    ],
)
def test_a_query_finds_its_range_of_numbers(table_sn, condition, numbers, expected):
    p = S(unique())
    table_sn.fill([{"p": p, "c": N(c)} for c in [-100, -1, 0, 1, 2, 9, 10, 100]])
    values = {":p": p} | {name: N(number) for name, number in numbers.items()}
    found = table_sn.query(condition, values=values)
    assert [int(item["c"]["N"]) for item in found["Items"]] == expected


@pytest.mark.parametrize(
    "condition, bounds, expected",
    [
        ("p = :p AND c < :x", {":x": b"\x80"}, [b"\x00", b"\x7f", b"\x7f\xff"]),
        ("p = :p AND begins_with(c, :x)", {":x": b"\x7f"}, [b"\x7f", b"\x7f\xff"]),
        ("p = :p AND begins_with(c, :x)", {":x": b"\xff"}, [b"\xff", b"\xff\xff"]),
        ("p = :p AND c BETWEEN :x AND :y", {":x": b"\x7f\x00", ":y": b"\x80"}, [b"\x7f\xff", b"\x80"]),
    ],
)
def test_a_query_finds_its_range_of_binaries(table_sb, condition, bounds, expected):
    p = S(unique())
    table_sb.fill([{"p": p, "c": B(c)} for c in
                   [b"\x00", b"\x7f", b"\x7f\xff", b"\x80", b"\xff", b"\xff\xff"]])
    values = {":p": p} | {name: B(bound) for name, bound in bounds.items()}
    found = table_sb.query(condition, values=values)
    assert [item["c"]["B"] for item in found["Items"]] == expected


# What is refused


def test_a_query_needs_a_key_condition(table_ss):
    with invalid(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request."
    ):
        table_ss.query()


@pytest.mark.parametrize(
    "condition, values, message",
    [
        ("", None, PREFIX + "The expression can not be empty;"),
        ("c = :x", {":x": S("a")}, "Query condition missed key schema element: p"),
        ("a = :x", {":x": S("a")}, "Query condition missed key schema element: p"),
        ("p = :x AND a = :x", {":x": S("a")}, "Query condition missed key schema element: c"),
        ("p > :x", {":x": S("a")}, "Query key condition not supported"),
        ("begins_with(p, :x)", {":x": S("a")}, "Query key condition not supported"),
        ("p BETWEEN :x AND :x", {":x": S("a")}, "Query key condition not supported"),
        ("p = :x OR c = :x", {":x": S("a")}, "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT p = :x", {":x": S("a")}, "Invalid operator used in KeyConditionExpression: NOT"),
        ("p IN (:x)", {":x": S("a")}, "Invalid operator used in KeyConditionExpression: IN"),
        ("p = :x AND c <> :x", {":x": S("a")},
         "Invalid operator used in KeyConditionExpression: <>"),
        ("p = :x AND contains(c, :x)", {":x": S("a")},
         "Invalid operator used in KeyConditionExpression: contains"),
        ("p = :x AND attribute_exists(c)", {":x": S("a")},
         "Invalid operator used in KeyConditionExpression: attribute_exists"),
        ("p = :x AND c = :x AND c = :x", {":x": S("a")},
         PREFIX + "KeyConditionExpressions must only contain one condition per key"),
        ("p = :x AND p = :x", {":x": S("a")},
         PREFIX + "KeyConditionExpressions must only contain one condition per key"),
        ("p = :x", {":x": N(1)},
         INVALID + "Condition parameter type does not match schema type"),
        ("p = :x AND c = :y", {":x": S("a"), ":y": N(1)},
         INVALID + "Condition parameter type does not match schema type"),
        ("p = :x AND c BETWEEN :z AND :y", {":x": S("a"), ":z": S("b"), ":y": S("a")},
         PREFIX + "The BETWEEN operator requires upper bound to be greater than or equal to lower "
         "bound; lower bound operand: AttributeValue: {S:b}, upper bound operand: "
         "AttributeValue: {S:a}"),
        ("p = :x AND begins_with(c, :n)", {":x": S("a"), ":n": N(1)},
         PREFIX + "Incorrect operand type for operator or function; "
         "operator or function: begins_with, operand type: N"),
        ("p = :x AND foo(c, :x)", {":x": S("a")}, PREFIX + "Invalid function name; function: foo"),
        ("p.a = :x", {":x": S("a")},
         PREFIX + "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("p = :x AND begins_with(c[0], :x)", {":x": S("a")},
         PREFIX + "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("p = :x AND " + "c" * 4096 + " = :x", {":x": S("a")},
         PREFIX + "Expression size has exceeded the maximum allowed size;"),
    ],
    ids=lambda v: str(v)[:32],
)
def test_a_wrong_key_condition_is_refused(table_ss, condition, values, message):
    with invalid(message):
        table_ss.query(condition, values=values)


@pytest.mark.parametrize(
    "condition, values",
    [
        ("p = c", None),
        ("p.a = :x", {":x": S("a")}),
        ("p[0] = :x", {":x": S("a")}),
        ("size(p) = :x", {":x": N(1)}),
        ("p = :x", {":x": S("")}),
        ("p = :x", {":x": NULL}),
        ("p = :x", {":x": BOOL(True)}),
        ("p = :x", {":x": SS("a")}),
        ("p = :x AND c = :x AND d = :x", {":x": S("a")}),
        ("p = :x AND", {":x": S("a")}),
        ("p = ", None),
        ("p", None),
        ("p == :x", {":x": S("a")}),
        ("p = :x c = :x", {":x": S("a")}),
        ("p = :x, c = :x", {":x": S("a")}),
        ("p = 'a'", None),
    ],
)
def test_these_key_conditions_are_refused(table_ss, condition, values):
    with refused(VALIDATION):
        table_ss.query(condition, values=values)


def test_a_table_without_sort_key_takes_one_condition(table_s):
    with refused(VALIDATION):
        table_s.query("p = :p AND c = :p", values={":p": S("a")})


def test_begins_with_is_not_for_numbers(table_sn):
    with refused(VALIDATION):
        table_sn.query("p = :p AND begins_with(c, :x)", values={":p": S("a"), ":x": S("1")})
