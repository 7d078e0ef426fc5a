"""AttributeUpdates: PUT, ADD and DELETE."""

import pytest

from legacy import asks
from support import (
    B, BOOL, BS, INVALID, L, M, N, NS, NULL, S, SS, constraint, counted, invalid, normal,
)


def put(value):
    return {"Action": "PUT", "Value": value}


def add(value):
    return {"Action": "ADD", "Value": value}


def delete(value=None):
    return {"Action": "DELETE"} | ({} if value is None else {"Value": value})


# before, updates, after (each without the key)
CHANGES = [
    ({}, {"a": put(S("x"))}, {"a": S("x")}),
    ({"a": N(1)}, {"a": put(S("x"))}, {"a": S("x")}),
    ({"a": N(1)}, {"a": {"Value": S("x")}}, {"a": S("x")}),
    ({"a": N(1)}, {"b": put(NULL)}, {"a": N(1), "b": NULL}),
    ({}, {"a": put(M(x=L(N(1))))}, {"a": M(x=L(N(1)))}),
    ({"a": M(b=N(1))}, {"a.b": put(N(2))}, {"a": M(b=N(1)), "a.b": N(2)}),
    ({}, {"SELECT": put(N(1)), "#x": put(N(2))}, {"SELECT": N(1), "#x": N(2)}),
    ({}, {"a": add(N(5))}, {"a": N(5)}),
    ({"a": N(1)}, {"a": add(N("-2.5"))}, {"a": N("-1.5")}),
    ({}, {"a": add(SS("x"))}, {"a": SS("x")}),
    ({"a": SS("x")}, {"a": add(SS("x", "y"))}, {"a": SS("x", "y")}),
    ({"a": NS(1, 2)}, {"a": add(NS("2.0", 3))}, {"a": NS(1, 2, 3)}),
    ({"a": BS(b"x")}, {"a": add(BS(b"y"))}, {"a": BS(b"x", b"y")}),
    ({}, {"a": add(L(N(1)))}, {"a": L(N(1))}),
    ({"a": L(N(1))}, {"a": add(L(N(1), S("x")))}, {"a": L(N(1), N(1), S("x"))}),
    ({"a": N(1), "b": N(2)}, {"a": delete()}, {"b": N(2)}),
    ({"b": N(2)}, {"a": delete()}, {"b": N(2)}),
    ({"a": SS("x", "y")}, {"a": delete(SS("x", "q"))}, {"a": SS("y")}),
    ({"a": NS(1, 2)}, {"a": delete(NS("1.0"))}, {"a": NS(2)}),
    ({"a": BS(b"x", b"y")}, {"a": delete(BS(b"y"))}, {"a": BS(b"x")}),
    ({"a": SS("x")}, {"a": delete(SS("x"))}, {}),
    ({"b": N(1)}, {"a": delete(SS("x"))}, {"b": N(1)}),
    (
        {"a": N(1), "b": N(2), "c": SS("x", "y")},
        {"a": add(N(1)), "b": delete(), "c": delete(SS("y")), "d": put(S("z"))},
        {"a": N(2), "c": SS("x"), "d": S("z")},
    ),
]


@pytest.mark.parametrize("before, updates, after", CHANGES, ids=lambda v: str(v)[:48])
def test_an_update_makes_of_one_item_another(table_s, key, before, updates, after):
    table_s.put(key | before)
    answer = table_s.update(key, AttributeUpdates=updates, ReturnValues="ALL_NEW")
    assert normal(table_s.get(key)) == normal(key | after)
    assert normal(answer["Attributes"]) == normal(key | after)


@pytest.mark.parametrize(
    "updates, after",
    [({"a": put(N(1))}, {"a": N(1)}), ({"a": add(N(1))}, {"a": N(1)}), ({}, {}),
     ({"a": add(L(N(1)))}, {"a": L(N(1))}), ({"a": put(N(1)), "b": delete()}, {"a": N(1)})],
    ids=str,
)
def test_an_update_makes_the_item_that_is_not_there(table_s, key, updates, after):
    table_s.update(key, AttributeUpdates=updates)
    assert table_s.get(key) == key | after


@pytest.mark.parametrize(
    "updates", [{"a": delete()}, {"a": delete(SS("x"))}, {"a": delete(), "b": delete(NS(1))}],
    ids=str,
)
def test_an_update_that_only_deletes_makes_no_item(table_s, key, updates):
    answer = table_s.update(key, AttributeUpdates=updates, ReturnValues="ALL_NEW")
    assert "Attributes" not in answer
    assert table_s.get(key) is None


@pytest.mark.parametrize(
    "wanted, shown",
    [
        ("NONE", None),
        ("ALL_OLD", {"a": N(1), "b": N(2), "c": N(3)}),
        ("UPDATED_OLD", {"a": N(1), "b": N(2)}),
        ("ALL_NEW", {"a": N(11), "c": N(3), "d": S("x")}),
        ("UPDATED_NEW", {"a": N(11), "d": S("x")}),
    ],
)
def test_return_values_are_those_of_expressions(table_s, key, wanted, shown):
    before = key | {"a": N(1), "b": N(2), "c": N(3)}
    table_s.put(before)
    legacy = table_s.update(
        key,
        AttributeUpdates={"a": add(N(10)), "b": delete(), "d": put(S("x"))},
        ReturnValues=wanted,
    )
    table_s.put(before)
    modern = table_s.update(
        key,
        "ADD a :a REMOVE b SET d = :d",
        values={":a": N(10), ":d": S("x")},
        ReturnValues=wanted,
    )
    if shown is not None and wanted.startswith("ALL"):
        shown = key | shown
    assert legacy.get("Attributes") == modern.get("Attributes") == shown


def test_an_update_can_expect(table_s, key):
    table_s.put(key | {"a": N(1)})
    table_s.update(key, AttributeUpdates={"a": add(N(1))}, Expected={"a": {"Value": N(1)}})
    table_s.update(
        key,
        AttributeUpdates={"a": add(N(1))},
        Expected={"a": asks("LT", N(0)), "b": asks("NULL")},
        ConditionalOperator="OR",
    )
    assert table_s.get(key) == key | {"a": N(3)}


# What is refused

NO_VALUE = "Only DELETE action is allowed when no attribute value is specified"


@pytest.mark.parametrize(
    "update, message",
    [({}, NO_VALUE), ({"Action": "PUT"}, NO_VALUE), ({"Action": "ADD"}, NO_VALUE)]
    + [
        (add(value), f"ADD action is not supported for the type {name}")
        for name, value in {
            "S": S("x"), "B": B(b"x"), "BOOL": BOOL(True), "NULL": NULL, "M": M(),
        }.items()
    ]
    + [
        (delete(value), f"DELETE action with value is not supported for the type {name}")
        for name, value in {
            "S": S("x"), "N": N(1), "B": B(b"x"), "BOOL": BOOL(True), "NULL": NULL, "M": M(),
            "L": L(),
        }.items()
    ],
    ids=lambda v: str(v)[:60],
)
def test_an_action_takes_certain_values(table_s, key, update, message):
    with counted(INVALID + message):
        table_s.update(key, AttributeUpdates={"a": update})
    assert table_s.get(key) is None


@pytest.mark.parametrize(
    "before, update",
    [
        (S("x"), add(N(1))), (NS(1), add(N(1))), (N(1), add(NS(1))), (SS("x"), add(NS(1))),
        (S("x"), add(L())), (SS("x"), delete(NS(1))), (N(1), delete(NS(1))),
    ],
    ids=str,
)
def test_an_update_that_does_not_fit_the_item_is_refused(table_s, key, before, update):
    table_s.put(key | {"a": before})
    with invalid("Type mismatch for attribute to update"):
        table_s.update(key, AttributeUpdates={"a": update, "b": put(N(1))})
    assert table_s.get(key) == key | {"a": before}


@pytest.mark.parametrize("update", [put(S("x")), add(N(1)), delete()], ids=str)
def test_the_key_is_not_updated(table_s, key, update):
    with invalid(
        INVALID + "Cannot update attribute p. This attribute is part of the key"
    ):
        table_s.update(key, AttributeUpdates={"p": update})


@pytest.mark.parametrize("action", ["put", "SET", ""])
def test_an_unknown_action_is_refused(table_s, key, action):
    with constraint(
        action,
        "attributeUpdates.a.member.action",
        "Member must satisfy enum value set: [ADD, PUT, DELETE]",
    ):
        table_s.update(key, AttributeUpdates={"a": {"Action": action, "Value": N(1)}})


def test_a_wrong_value_is_refused(table_s, key):
    with counted("The parameter cannot be converted to a numeric value: x"):
        table_s.update(key, AttributeUpdates={"a": put(N("x"))})


def test_an_item_that_becomes_too_large_is_refused(table_s, key):
    table_s.put(key | {"a": S("x" * 300_000)})
    with invalid("Item size to update has exceeded the maximum allowed size"):
        table_s.update(key, AttributeUpdates={"b": put(S("x" * 200_000))})
