"""Transactions that are refused before there is one."""

import pytest

from support import N, NOT_FOUND, S, VALIDATION, constraint, invalid, refused, unique
from transactions import KB, check, delete, keys, put, update, write


@pytest.mark.parametrize(
    "make",
    [
        lambda t, k: put(t, k),
        lambda t, k: delete(t, k),
        lambda t, k: update(t, k, "REMOVE a"),
        lambda t, k: check(t, k, "attribute_exists(p)"),
    ],
    ids=["put", "delete", "update", "check"],
)
def test_an_empty_key_is_refused(loose, table_s, make):
    with invalid(
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty string value. Key: p"
    ):
        write(loose, make(table_s, {"p": S("")}))


@pytest.mark.parametrize(
    "make",
    [
        lambda t, k: [put(t, k), put(t, k | {"a": N(1)})],
        lambda t, k: [put(t, k), check(t, k, "attribute_not_exists(p)")],
        lambda t, k: [update(t, k, "REMOVE a"), delete(t, k)],
    ],
    ids=["put-put", "put-check", "update-delete"],
)
def test_an_item_twice_is_refused(loose, table_s, key, make):
    with invalid("Transaction request cannot include multiple operations on one item"):
        write(loose, *make(table_s, key))
    assert table_s.get(key) is None


def test_no_items_are_refused(loose):
    with constraint("[]", "transactItems", "Member must have length greater than or equal to 1"):
        write(loose)


def test_more_than_a_hundred_are_refused(loose, table_s):
    items = keys(101)
    with refused(
        VALIDATION,
        contains="at 'transactItems' failed to satisfy constraint: "
        "Member must have length less than or equal to 100",
    ):
        write(loose, *(put(table_s, item) for item in items))
    assert table_s.get(items[0]) is None


@pytest.mark.parametrize("operation", ["TransactWriteItems", "TransactGetItems"])
def test_no_request_is_refused(raw, operation):
    response = raw.call(operation, {})
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == (
        "1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_an_action_of_no_kind_is_refused(loose):
    with invalid(
        "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
    ):
        write(loose, {})


def test_an_action_of_two_kinds_is_refused(loose, table_s):
    a, b = keys(2)
    with invalid("TransactItems can only contain one of Check, Put, Update or Delete"):
        write(loose, put(table_s, a) | delete(table_s, b))


@pytest.mark.parametrize(
    "action, at",
    [
        ({"Put": {"TableName": "abc"}}, "put.item"),
        ({"Put": {"Item": {}}}, "put.tableName"),
        ({"Delete": {"TableName": "abc"}}, "delete.key"),
        ({"Update": {"TableName": "abc", "Key": {}}}, "update.updateExpression"),
        ({"ConditionCheck": {"TableName": "abc", "Key": {}}}, "conditionCheck.conditionExpression"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_an_action_needs(raw, action, at):
    response = raw.call("TransactWriteItems", {"TransactItems": [action]})
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == (
        f"1 validation error detected: Value null at 'transactItems.1.member.{at}' failed to "
        "satisfy constraint: Member must not be null"
    )


def test_an_unknown_wish_for_the_old_item_is_refused(loose, table_s, key):
    action = put(table_s, key)
    action["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_NEW"
    with constraint(
        "ALL_NEW",
        "transactItems.1.member.put.returnValuesOnConditionCheckFailure",
        "Member must satisfy enum value set: [",
    ):
        write(loose, action)


def test_a_table_that_is_not_there_is_refused(loose, table_s, key):
    missing = {"Put": {"TableName": unique("none-"), "Item": key}}
    with refused(NOT_FOUND, "Requested resource not found"):
        write(loose, put(table_s, key), missing)
    assert table_s.get(key) is None


def test_a_wrong_expression_is_refused(loose, table_s, key):
    with refused(VALIDATION, contains="Invalid ConditionExpression: Syntax error"):
        write(loose, check(table_s, key, "p = "))
    with refused(VALIDATION, contains="Invalid UpdateExpression: Syntax error"):
        write(loose, update(table_s, key, "SET"))


def test_an_empty_name_comes_before_a_deep_value(loose, table_s, key):
    value = S("leaf")
    for _ in range(100):
        value = {"M": {"n": value}}
    for item in (key | {"": S("x"), "d": value}, key | {"d": value, "": S("x")}):
        with invalid("Empty attribute name"):
            write(loose, put(table_s, item))
    with refused(VALIDATION, contains="Nesting Levels have exceeded supported limits"):
        write(loose, put(table_s, key | {"m": {"M": {"": S("x")}}, "d": value}))


def test_too_large_an_item_is_refused(loose, table_s, key):
    with invalid("Item size has exceeded the maximum allowed size"):
        write(loose, put(table_s, key | {"a": S("x" * 400 * KB)}))


def test_what_a_transaction_says_has_a_bound(loose, table_s):
    some = keys(11)
    actions = [put(table_s, key | {"a": S("x" * 399 * KB)}) for key in some]
    with refused(VALIDATION, contains="size cannot exceed"):
        write(loose, *actions)
    write(loose, *actions[:10])
    # What is there already does not count.
    write(loose, actions[10])
    write(loose, *[delete(table_s, key) for key in some])
    assert all(table_s.get(key) is None for key in some)
