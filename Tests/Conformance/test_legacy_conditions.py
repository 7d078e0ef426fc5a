"""Expected, QueryFilter and ScanFilter: one set of operators, three places."""

import pytest

from legacy import asks
from support import (
    B, BOOL, BS, CONDITION_FAILED, INVALID, L, M, N, NS, NULL, S, SS, constraint, counted,
    invalid, refused, unique,
)

ITEM = {
    "n": N(5), "s": S("hello"), "b": B(b"hi there"), "ns": NS(2, 4, 7), "ss": SS("x", "hello"),
    "bs": BS(b"x"), "l": L(N(2), S("x")), "m": M(x=N(1)), "t": BOOL(True), "nil": NULL,
    "a.b": N(1),
}

# attribute, condition, whether it holds of the item
HOLDS = [
    ("n", asks("EQ", N(5)), True),
    ("n", asks("EQ", N("5.0")), True),
    ("n", asks("EQ", N(6)), False),
    ("n", asks("EQ", S("5")), False),
    ("s", asks("EQ", S("hello")), True),
    ("b", asks("EQ", B(b"hi there")), True),
    ("ns", asks("EQ", NS(7, 2, 4)), True),
    ("ns", asks("EQ", NS(7, 2)), False),
    ("ss", asks("EQ", SS("hello", "x")), True),
    ("bs", asks("EQ", BS(b"x")), True),
    ("l", asks("EQ", L(N(2), S("x"))), True),
    ("l", asks("EQ", L(S("x"), N(2))), False),
    ("m", asks("EQ", M(x=N(1))), True),
    ("t", asks("EQ", BOOL(True)), True),
    ("t", asks("EQ", BOOL(False)), False),
    ("nil", asks("EQ", NULL), True),
    ("a.b", asks("EQ", N(1)), True),
    ("none", asks("EQ", N(1)), False),
    ("none", asks("EQ", NULL), False),
    ("n", asks("NE", N(6)), True),
    ("n", asks("NE", N(5)), False),
    ("n", asks("NE", S("5")), True),
    ("m", asks("NE", M()), True),
    ("none", asks("NE", N(1)), True),
    ("n", asks("LT", N(6)), True),
    ("n", asks("LT", N(5)), False),
    ("n", asks("LT", S("6")), False),
    ("none", asks("LT", N(6)), False),
    ("s", asks("LT", S("hellp")), True),
    ("b", asks("LT", B(b"hj")), True),
    ("n", asks("LE", N(5)), True),
    ("n", asks("LE", N(4)), False),
    ("s", asks("LE", S("hello")), True),
    ("n", asks("GT", N(4)), True),
    ("n", asks("GT", N(5)), False),
    ("s", asks("GT", S("hell")), True),
    ("n", asks("GE", N(5)), True),
    ("n", asks("GE", N(6)), False),
    ("b", asks("GE", B(b"hi")), True),
    ("ns", asks("GE", N(0)), False),
    ("n", asks("BETWEEN", N(5), N(6)), True),
    ("n", asks("BETWEEN", N(1), N(5)), True),
    ("n", asks("BETWEEN", N(6), N(7)), False),
    ("s", asks("BETWEEN", S("a"), S("z")), True),
    ("b", asks("BETWEEN", B(b"a"), B(b"z")), True),
    ("n", asks("BETWEEN", S("a"), S("z")), False),
    ("none", asks("BETWEEN", N(0), N(9)), False),
    ("n", asks("IN", N(1), N(5)), True),
    ("n", asks("IN", N(1), N(2)), False),
    ("s", asks("IN", S("hello")), True),
    ("ns", asks("IN", N(2), N(4), N(7)), False),
    ("none", asks("IN", N(1)), False),
    ("n", asks("NULL"), False),
    ("nil", asks("NULL"), False),
    ("none", asks("NULL"), True),
    ("n", asks("NOT_NULL"), True),
    ("nil", asks("NOT_NULL"), True),
    ("none", asks("NOT_NULL"), False),
    ("none", {"ComparisonOperator": "NULL"}, True),
    ("s", asks("CONTAINS", S("ell")), True),
    ("s", asks("CONTAINS", S("elo")), False),
    ("s", asks("CONTAINS", N(1)), False),
    ("b", asks("CONTAINS", B(b"there")), True),
    ("ns", asks("CONTAINS", N(4)), True),
    ("ns", asks("CONTAINS", N(5)), False),
    ("ss", asks("CONTAINS", S("x")), True),
    ("ss", asks("CONTAINS", S("ell")), False),
    ("bs", asks("CONTAINS", B(b"x")), True),
    ("l", asks("CONTAINS", N(2)), True),
    ("l", asks("CONTAINS", N(3)), False),
    ("none", asks("CONTAINS", N(3)), False),
    ("s", asks("NOT_CONTAINS", S("elo")), True),
    ("s", asks("NOT_CONTAINS", S("ell")), False),
    ("s", asks("NOT_CONTAINS", N(1)), True),
    ("ns", asks("NOT_CONTAINS", N(5)), True),
    ("ns", asks("NOT_CONTAINS", N(4)), False),
    ("l", asks("NOT_CONTAINS", N(3)), True),
    ("n", asks("NOT_CONTAINS", N(3)), True),
    ("none", asks("NOT_CONTAINS", N(3)), False),
    ("s", asks("BEGINS_WITH", S("hell")), True),
    ("s", asks("BEGINS_WITH", S("ell")), False),
    ("b", asks("BEGINS_WITH", B(b"hi")), True),
    ("n", asks("BEGINS_WITH", S("5")), False),
    ("none", asks("BEGINS_WITH", S("5")), False),
]

# attribute, expectation in the oldest form, whether it holds of the item
EXPECTS = [
    ("n", {"Value": N(5)}, True),
    ("n", {"Value": N(6)}, False),
    ("none", {"Value": N(5)}, False),
    ("n", {"Value": N(5), "Exists": True}, True),
    ("n", {"Value": N(6), "Exists": True}, False),
    ("none", {"Exists": False}, True),
    ("n", {"Exists": False}, False),
    ("n", {"Value": N(6), "ComparisonOperator": "LT"}, True),
    ("n", {"Value": N(6), "ComparisonOperator": "GT"}, False),
    ("ss", {"Value": SS("hello", "x")}, True),
]


@pytest.fixture(scope="module")
def stored(table_ss):
    """The key of the item, which is alone in its partition."""
    key = {"p": S(unique()), "c": S("c")}
    table_ss.put(key | ITEM)
    return key


def of_partition(key):
    return {"p": asks("EQ", key["p"])}


@pytest.mark.parametrize("attribute, condition, holds", HOLDS + EXPECTS, ids=lambda v: str(v)[:60])
def test_a_write_expects(table_ss, stored, attribute, condition, holds):
    expected = {attribute: condition}
    if holds:
        table_ss.put(stored | ITEM, Expected=expected)
        table_ss.update(stored, AttributeUpdates={}, Expected=expected)
    else:
        with refused(CONDITION_FAILED, "The conditional request failed"):
            table_ss.put(stored, Expected=expected)
        with refused(CONDITION_FAILED):
            table_ss.update(stored, AttributeUpdates={"n": {"Action": "DELETE"}}, Expected=expected)
        with refused(CONDITION_FAILED):
            table_ss.delete(stored, Expected=expected)
    assert table_ss.get(stored)["s"] == S("hello")


@pytest.mark.parametrize("attribute, condition, holds", HOLDS, ids=lambda v: str(v)[:60])
def test_a_query_filters(table_ss, stored, attribute, condition, holds):
    found = table_ss.query(KeyConditions=of_partition(stored), QueryFilter={attribute: condition})
    assert (found["Count"], found["ScannedCount"]) == (int(holds), 1)


@pytest.fixture(scope="module")
def scanned(shared):
    """A table of the item and of one that has nothing but its key."""
    table = shared.create("S")
    table.put({"p": S("full")} | ITEM)
    table.put({"p": S("bare")})
    return table


@pytest.mark.parametrize("attribute, condition, holds", HOLDS, ids=lambda v: str(v)[:60])
def test_a_scan_filters(scanned, attribute, condition, holds):
    found = scanned.scan(ScanFilter={attribute: condition})
    assert (S("full") in [item["p"] for item in found["Items"]]) == holds
    assert found["ScannedCount"] == 2


def test_a_scan_may_filter_by_key(scanned):
    assert scanned.scan(ScanFilter={"p": asks("EQ", S("bare"))})["Count"] == 1


# More than one condition

TRUE, FALSE = asks("EQ", N(5)), asks("EQ", N(6))


@pytest.mark.parametrize(
    "joined, first, second, holds",
    [
        (None, TRUE, TRUE, True), (None, TRUE, FALSE, False), (None, FALSE, FALSE, False),
        ("AND", TRUE, TRUE, True), ("AND", FALSE, TRUE, False),
        ("OR", TRUE, TRUE, True), ("OR", TRUE, FALSE, True), ("OR", FALSE, TRUE, True),
        ("OR", FALSE, FALSE, False),
    ],
    ids=lambda v: str(v)[:40],
)
def test_conditions_are_joined(shared, table_ss, stored, joined, first, second, holds):
    table_ss.put(stored | ITEM | {"o": N(5)})
    conditions = {"n": first, "o": second}
    operator = {"ConditionalOperator": joined} if joined else {}
    found = table_ss.query(
        KeyConditions=of_partition(stored), QueryFilter=conditions, **operator
    )
    assert found["Count"] == int(holds)
    if holds:
        table_ss.put(stored | ITEM, Expected=conditions, **operator)
    else:
        with refused(CONDITION_FAILED):
            table_ss.put(stored, Expected=conditions, **operator)


def test_an_empty_parameter_asks_nothing(table_ss, stored, scanned):
    table_ss.put(stored | ITEM, Expected={})
    assert table_ss.query(KeyConditions=of_partition(stored), QueryFilter={})["Count"] == 1
    assert scanned.scan(ScanFilter={})["Count"] == 2


def test_a_failed_expectation_can_show_the_item(table_ss, stored):
    table_ss.put(stored | ITEM)
    with refused(CONDITION_FAILED) as caught:
        table_ss.put(
            stored, Expected={"n": FALSE}, ReturnValuesOnConditionCheckFailure="ALL_OLD"
        )
    assert caught.value.response["Item"]["n"] == N(5)


def test_an_expectation_of_no_item(table_s, key):
    table_s.put(key, Expected={"p": {"Exists": False}})
    with refused(CONDITION_FAILED):
        table_s.put(key, Expected={"p": {"Exists": False}})
    table_s.delete(key, Expected={"p": {"Value": key["p"]}})
    assert table_s.get(key) is None


# What is refused

NUMBER = INVALID + "Invalid number of argument(s) for the {} ComparisonOperator"
TYPE = INVALID + "ComparisonOperator {} is not valid for {} AttributeValue type"
VALUES = {
    "N": N(1), "BOOL": BOOL(True), "NULL": NULL, "SS": SS("x"), "NS": NS(1), "BS": BS(b"x"),
    "L": L(), "M": M(),
}

WRONG = [
    (asks("EQ"), NUMBER.format("EQ")),
    (asks("EQ", N(1), N(2)), NUMBER.format("EQ")),
    (asks("NE"), NUMBER.format("NE")),
    (asks("LT", N(1), N(2)), NUMBER.format("LT")),
    (asks("CONTAINS"), NUMBER.format("CONTAINS")),
    (asks("NOT_CONTAINS", S("a"), S("b")), NUMBER.format("NOT_CONTAINS")),
    (asks("BEGINS_WITH", S("a"), S("b")), NUMBER.format("BEGINS_WITH")),
    (asks("BETWEEN", N(1)), NUMBER.format("BETWEEN")),
    (asks("BETWEEN", N(1), N(2), N(3)), NUMBER.format("BETWEEN")),
    (asks("IN"), NUMBER.format("IN")),
    (asks("NULL", N(1)), NUMBER.format("NULL")),
    (asks("NOT_NULL", N(1)), NUMBER.format("NOT_NULL")),
    (asks("IN", N(1), S("a")),
     INVALID + "AttributeValues inside AttributeValueList must be of same type"),
    (asks("BETWEEN", N(1), S("a")),
     INVALID + "AttributeValues inside AttributeValueList must be of same type"),
    (asks("BETWEEN", N(2), N(1)),
     "The BETWEEN condition was provided a range where the lower bound is greater than the upper "
     "bound"),
    (asks("BETWEEN", NS(1), NS(2)), TYPE.format("BETWEEN", "NS")),
    (asks("IN", L(N(1))), TYPE.format("IN", "L")),
    (asks("EQ", S("a"), {}), "Supplied AttributeValue is empty, must contain exactly one of the "
     "supported datatypes"),
    (asks("EQ", NS()), INVALID + "An number set  may not be empty"),
    (asks("EQ", N("x")), "The parameter cannot be converted to a numeric value: x"),
] + [
    (asks(operator, value), TYPE.format(operator, name))
    for operator in ("LT", "LE", "GT", "GE", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN")
    for name, value in VALUES.items()
    if name != "N" or operator == "BEGINS_WITH"
]


@pytest.mark.parametrize("condition, message", WRONG, ids=lambda v: str(v)[:70])
def test_wrong_values_are_refused(table_ss, stored, condition, message):
    with invalid(message):
        table_ss.query(KeyConditions=of_partition(stored), QueryFilter={"a": condition})
    with invalid(message):
        table_ss.scan(ScanFilter={"a": condition})
    with invalid(message):
        table_ss.query(KeyConditions={"p": condition})
    with counted(message):
        table_ss.put(stored, Expected={"a": condition})


@pytest.mark.parametrize(
    "expectation, message",
    [
        ({}, "Value must be provided when Exists is null for Attribute: a"),
        ({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
        ({"Exists": False, "Value": N(1)},
         "Value cannot be used when Exists is false for Attribute: a"),
        ({"AttributeValueList": [N(1)]},
         "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
        ({"AttributeValueList": [N(1)], "Value": N(1)},
         "Value and AttributeValueList cannot be used together for Attribute: a"),
        (asks("EQ", N(1)) | {"Value": N(1)},
         "Value and AttributeValueList cannot be used together for Attribute: a"),
        (asks("EQ", N(1)) | {"Exists": True},
         "Exists and ComparisonOperator cannot be used together for Attribute: a"),
        ({"ComparisonOperator": "LE"},
         "Value or AttributeValueList must be used with ComparisonOperator: LE for Attribute: a"),
        ({"ComparisonOperator": "BETWEEN", "Value": N(1)},
         "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
        ({"ComparisonOperator": "NULL", "Value": N(1)},
         "Invalid number of argument(s) for the NULL ComparisonOperator"),
        ({"ComparisonOperator": "BEGINS_WITH", "Value": N(1)},
         "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
    ],
    ids=lambda v: str(v)[:60],
)
def test_a_muddled_expectation_is_refused(table_s, key, expectation, message):
    for write in (
        lambda: table_s.put(key, Expected={"a": expectation}),
        lambda: table_s.delete(key, Expected={"a": expectation}),
        lambda: table_s.update(key, Expected={"a": expectation}),
    ):
        with counted(INVALID + message):
            write()


@pytest.mark.parametrize("name", ["eq", "DOG", ""])
def test_an_unknown_operator_is_refused(table_ss, stored, name):
    rule = (
        "Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, "
        "NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"
    )
    for parameter, at, read in (
        ("QueryFilter", "queryFilter", table_ss.query),
        ("KeyConditions", "keyConditions", table_ss.query),
        ("ScanFilter", "scanFilter", table_ss.scan),
    ):
        with constraint(name, f"{at}.a.member.comparisonOperator", rule):
            read(**{parameter: {"a": asks(name, N(1))}})
    with constraint(name, "expected.a.member.comparisonOperator", rule):
        table_ss.put(stored, Expected={"a": asks(name, N(1))})


def test_a_filter_needs_an_operator(table_ss):
    with constraint(None, "scanFilter.a.member.comparisonOperator", "Member must not be null"):
        table_ss.scan(ScanFilter={"a": {"AttributeValueList": [N(1)]}})


@pytest.mark.parametrize("name", ["and", "XOR"])
def test_an_unknown_conditional_operator_is_refused(table_ss, name):
    with constraint(
        name, "conditionalOperator", "Member must satisfy enum value set: [OR, AND]"
    ):
        table_ss.scan(ScanFilter={"a": TRUE, "b": TRUE}, ConditionalOperator=name)
    with invalid("Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]"):
        table_ss.query(
            KeyConditions={"p": {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]}},
            QueryFilter={"a": TRUE, "b": TRUE},
            ConditionalOperator=name,
            Select="BOGUS",
        )
