"""ReturnValues, and what a failed condition returns."""

import pytest

from support import (
    CONDITION_FAILED, L, M, N, NS, S, VALIDATION, constraint, counted, normal, refused,
)


def attributes(answer):
    return normal(answer.get("Attributes"))


# PutItem and DeleteItem: ALL_OLD or NONE


@pytest.mark.parametrize("call", ["put", "delete"])
def test_the_old_item_comes_back(table_s, key, call):
    table_s.put(key | {"a": S("old")})
    answer = getattr(table_s, call)(key, ReturnValues="ALL_OLD")
    assert attributes(answer) == key | {"a": S("old")}


@pytest.mark.parametrize("call", ["put", "delete"])
def test_no_old_item_is_no_attributes(table_s, key, call):
    assert "Attributes" not in getattr(table_s, call)(key, ReturnValues="ALL_OLD")


@pytest.mark.parametrize("call", ["put", "delete"])
def test_none_returns_nothing(table_s, key, call):
    table_s.put(key | {"a": S("old")})
    assert "Attributes" not in getattr(table_s, call)(key, ReturnValues="NONE")


@pytest.mark.parametrize("call", ["put", "delete"])
@pytest.mark.parametrize("wanted", ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_only_an_update_returns_more(table_s, key, call, wanted):
    with refused(VALIDATION, contains="can only be ALL_OLD or NONE"):
        getattr(table_s, call)(key, ReturnValues=wanted)


def test_put_says_what_it_can_return(table_s, key):
    with counted("ReturnValues can only be ALL_OLD or NONE"):
        table_s.put(key, ReturnValues="ALL_NEW")


@pytest.mark.parametrize("call", ["put", "delete", "update"])
def test_an_unknown_return_value_is_refused(table_s, key, call):
    with counted(
        "Failed to satisfy constraint: Member must satisfy enum value set: "
        "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
    ):
        getattr(table_s, call)(key, ReturnValues="ALL")


# UpdateItem


UPDATE = "SET a = :a, fresh = :n REMOVE gone, absent ADD c :one"
VALUES = {":a": S("a2"), ":n": S("n"), ":one": N(1)}


@pytest.fixture
def before(table_s, key):
    item = key | {"a": S("a1"), "c": N(5), "gone": S("g"), "rest": S("r")}
    table_s.put(item)
    return item


@pytest.mark.parametrize(
    "wanted, expected",
    [
        ("NONE", None),
        ("ALL_OLD", {"a": S("a1"), "c": N(5), "gone": S("g"), "rest": S("r"), "p": None}),
        ("ALL_NEW", {"a": S("a2"), "c": N(6), "fresh": S("n"), "rest": S("r"), "p": None}),
        ("UPDATED_OLD", {"a": S("a1"), "c": N(5), "gone": S("g")}),
        ("UPDATED_NEW", {"a": S("a2"), "c": N(6), "fresh": S("n")}),
    ],
)
def test_an_update_returns_what_was_asked_for(table_s, key, before, wanted, expected):
    if expected and "p" in expected:
        expected = expected | key
    answer = table_s.update(key, UPDATE, values=VALUES, ReturnValues=wanted)
    assert attributes(answer) == expected


@pytest.mark.parametrize("wanted", ["ALL_OLD", "UPDATED_OLD"])
def test_an_update_that_makes_the_item_has_no_old_values(table_s, key, wanted):
    answer = table_s.update(key, "SET a = :a", values={":a": S("x")}, ReturnValues=wanted)
    assert "Attributes" not in answer


def test_an_update_that_only_removes_has_no_new_values(table_s, key, before):
    assert "Attributes" not in table_s.update(key, "REMOVE gone", ReturnValues="UPDATED_NEW")


def test_an_update_without_expression_returns_the_item(table_s, key, before):
    assert attributes(table_s.update(key, ReturnValues="ALL_NEW")) == before


@pytest.mark.parametrize("wanted, shown", [("UPDATED_OLD", S("x")), ("UPDATED_NEW", S("z"))])
def test_of_a_map_only_the_updated_path_comes_back(table_s, key, wanted, shown):
    table_s.put(key | {"m": M(a=M(b=S("x"), c=S("y")), d=N(1))})
    answer = table_s.update(key, "SET m.a.b = :z", values={":z": S("z")}, ReturnValues=wanted)
    assert attributes(answer) == {"m": M(a=M(b=shown))}


def test_of_a_list_only_the_updated_elements_come_back(table_s, key):
    table_s.put(key | {"l": L(N(0), N(1), N(2), N(3))})
    answer = table_s.update(
        key, "SET l[1] = :a, l[3] = :b", values={":a": S("a"), ":b": S("b")},
        ReturnValues="UPDATED_NEW",
    )
    assert attributes(answer) == {"l": L(S("a"), S("b"))}


def test_a_set_comes_back_whole(table_s, key):
    table_s.put(key | {"s": NS(1, 2)})
    answer = table_s.update(key, "ADD s :s", values={":s": NS(3)}, ReturnValues="UPDATED_NEW")
    assert attributes(answer) == {"s": NS(1, 2, 3)}


# A failed condition


@pytest.mark.parametrize("call", ["put", "delete", "update"])
def test_a_failed_condition_returns_the_item_if_asked(table_s, key, call):
    item = key | {"a": S("x"), "n": N("1.50")}
    table_s.put(item)
    with refused(CONDITION_FAILED, "The conditional request failed") as caught:
        getattr(table_s, call)(
            key, condition="attribute_not_exists(p)", ReturnValuesOnConditionCheckFailure="ALL_OLD"
        )
    assert caught.value.response["Item"] == item | {"n": N("1.5")}
    assert table_s.get(key) == item | {"n": N("1.5")}


@pytest.mark.parametrize("call", ["put", "delete", "update"])
@pytest.mark.parametrize("asked", [{}, {"ReturnValuesOnConditionCheckFailure": "NONE"}], ids=str)
def test_a_failed_condition_returns_no_item_unless_asked(table_s, key, call, asked):
    table_s.put(key)
    with refused(CONDITION_FAILED, "The conditional request failed") as caught:
        getattr(table_s, call)(key, condition="attribute_not_exists(p)", **asked)
    assert "Item" not in caught.value.response


@pytest.mark.parametrize("call", ["put", "delete", "update"])
def test_a_failed_condition_on_nothing_has_no_item(table_s, key, call):
    with refused(CONDITION_FAILED) as caught:
        getattr(table_s, call)(
            key, condition="attribute_exists(p)", ReturnValuesOnConditionCheckFailure="ALL_OLD"
        )
    assert "Item" not in caught.value.response


def test_an_unknown_return_on_failure_is_refused(table_s, key):
    with constraint(
        "ALL_NEW", "returnValuesOnConditionCheckFailure", "Member must satisfy enum value set: ["
    ):
        table_s.put(key, ReturnValuesOnConditionCheckFailure="ALL_NEW")
