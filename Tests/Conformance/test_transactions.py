"""TransactWriteItems: all of it or nothing, once, and unseen by halves."""

import threading

import pytest
from botocore.exceptions import ClientError

from support import INVALID, N, S, VALIDATION, constraint, refused, unique
from transactions import (
    CANCELLED, FAILED, KB, LONG, MISFIT, MISMATCH, NONE, TOO_LONG, TOTAL, cancelled, check,
    delete, get, keys, put, read, update, write, wrong,
)


# Writes


def test_all_four_actions(loose, table_s):
    a, b, c, d = keys(4)
    for key in (b, c, d):
        table_s.put(key | {"n": N(1)})
    answer = write(
        loose,
        put(table_s, a | {"n": N(9)}, "attribute_not_exists(p)"),
        update(table_s, b, "SET #n = #n + :one", "n = :one", {"#n": "n"}, {":one": N(1)}),
        delete(table_s, c, "n = :one", values={":one": N(1)}),
        check(table_s, d, "n = :one", values={":one": N(1)}),
    )
    assert set(answer) == {"ResponseMetadata"}
    assert table_s.get(a) == a | {"n": N(9)}
    assert table_s.get(b) == b | {"n": N(2)}
    assert table_s.get(c) is None
    assert table_s.get(d) == d | {"n": N(1)}


def test_several_tables(loose, table_s, table_ss, key):
    other = {"p": S(unique()), "c": S("c")}
    write(loose, put(table_s, key), put(table_ss, other))
    assert table_s.get(key) == key
    assert table_ss.get(other) == other


def test_the_same_key_in_two_tables(loose, tables, table_s, key):
    other = tables.create()
    write(loose, put(table_s, key), put(other, key))
    assert other.get(key) == key


def test_a_hundred_actions(loose, table_s):
    items = keys(100)
    write(loose, *(put(table_s, item) for item in items))
    assert all(table_s.get(item) == item for item in items[::33])


def test_an_update_makes_the_item(loose, table_s, key):
    write(loose, update(table_s, key, "ADD n :one", values={":one": N(1)}))
    assert table_s.get(key) == key | {"n": N(1)}


def test_the_resources_client_takes_plain_values(resource, table_s, key):
    client = resource.meta.client
    client.transact_write_items(
        TransactItems=[{"Put": {"TableName": table_s.name, "Item": {"p": key["p"]["S"], "n": 3}}}]
    )
    assert table_s.get(key) == key | {"n": N(3)}


def test_a_table_by_its_arn(loose, table_s, key):
    arn = loose.describe_table(TableName=table_s.name)["Table"]["TableArn"]
    write(loose, {"Put": {"TableName": arn, "Item": key}})
    assert table_s.get(key) == key


@pytest.mark.parametrize("kind", ["put", "delete"])
def test_names_and_values_without_an_expression_are_let_pass(loose, table_s, key, kind):
    make = {"put": put, "delete": delete}[kind]
    write(loose, make(table_s, key, names={"#a": "a"}, values={":v": N(1)}))


def test_unused_values_beside_a_condition_are_refused(loose, table_s, key):
    with refused(VALIDATION, contains="unused in expressions: keys: {:v}"):
        write(loose, put(table_s, key, "attribute_not_exists(p)", values={":v": N(1)}))


# Cancelled, and nothing of it is written


def test_a_failed_condition_cancels_all(loose, table_s):
    a, b, c = keys(3)
    table_s.put(b | {"n": N(1)})
    with cancelled(NONE, FAILED, NONE):
        write(
            loose,
            put(table_s, a),
            put(table_s, b, "attribute_not_exists(p)"),
            delete(table_s, c),
        )
    assert table_s.get(a) is None
    assert table_s.get(b) == b | {"n": N(1)}


def test_all_failures_are_told(loose, table_s):
    a, b, c, d = keys(4)
    with cancelled(FAILED, FAILED, NONE, FAILED):
        write(
            loose,
            check(table_s, a, "attribute_exists(p)"),
            delete(table_s, b, "attribute_exists(p)"),
            put(table_s, c),
            update(table_s, d, "SET n = :v", "n = :v", values={":v": N(1)}),
        )
    assert table_s.get(c) is None


def test_the_old_item_is_told_when_asked_for(loose, table_s):
    a, b, c = keys(3)
    table_s.put(a | {"n": N(1)})
    table_s.put(b)
    with cancelled(FAILED | {"Item": a | {"n": N(1)}}, FAILED, FAILED):
        write(
            loose,
            put(table_s, a, "attribute_not_exists(p)", old=True),
            put(table_s, b, "attribute_not_exists(p)"),
            check(table_s, c, "attribute_exists(p)", old=True),
        )


def test_raw_reasons_stand_beside_the_message(raw, table_s, key):
    response = raw.call(
        "TransactWriteItems",
        {"TransactItems": [check(table_s, key, "attribute_exists(p)")]},
    )
    assert response.status == 400
    assert response.json() == {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific "
        "reasons [ConditionalCheckFailed]",
        "CancellationReasons": [FAILED],
    }


@pytest.mark.parametrize(
    "expression, value, message",
    [
        ("SET s = s + :v", N(1), "An operand in the update expression has an incorrect data type"),
        ("SET x = y", None,
         "The provided expression refers to an attribute that does not exist in the item"),
        ("SET m.x = :v", N(1),
         "The document path provided in the update expression is invalid for update"),
        ("SET big = :v", S("x" * 390 * KB),
         "Item size to update has exceeded the maximum allowed size"),
        ("SET p = :v", S("y"), INVALID + "Cannot update attribute p. "
         "This attribute is part of the key"),
    ],
    ids=lambda v: str(v)[:20],
)
def test_an_update_that_cannot_be_done_cancels(loose, table_s, expression, value, message):
    a, b = keys(2)
    table_s.put(a | {"s": S("x" * 20 * KB)})
    values = None if value is None else {":v": value}
    with cancelled(NONE, wrong(message)):
        write(loose, put(table_s, b), update(table_s, a, expression, values=values))
    assert table_s.get(b) is None


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda t: put(t, {"a": N(1)}), wrong(INVALID + "Missing the key p in the item")),
        (lambda t: put(t, {"p": N(1)}),
         wrong(INVALID + "Type mismatch for key p expected: S actual: N")),
        (lambda t: put(t, {"p": {"L": []}}),
         wrong(INVALID + "Type mismatch for key p expected: S actual: L")),
        (lambda t: delete(t, {"p": N(1)}), MISFIT),
        (lambda t: delete(t, {"q": S("a")}), MISFIT),
        (lambda t: update(t, {"p": S("a"), "c": S("a")}, "SET a = :v", values={":v": N(1)}),
         MISFIT),
        (lambda t: check(t, {"p": {"BOOL": True}}, "attribute_exists(p)"), MISFIT),
        (lambda t: put(t, {"p": LONG}), TOO_LONG),
        (lambda t: delete(t, {"p": LONG}), TOO_LONG),
        (lambda t: update(t, {"p": LONG}, "REMOVE a"), TOO_LONG),
        (lambda t: check(t, {"p": LONG}, "attribute_exists(p)"), TOO_LONG),
    ],
    ids=range(11),
)
def test_a_key_that_does_not_fit_the_schema_cancels(loose, table_s, key, make, reason):
    with cancelled(NONE, reason):
        write(loose, put(table_s, key), make(table_s))
    assert table_s.get(key) is None


# Tokens


def test_a_token_takes_effect_once(loose, table_s, key):
    action = update(table_s, key, "ADD n :one", values={":one": N(1)})
    token = unique()
    for _ in range(3):
        write(loose, action, ClientRequestToken=token)
    assert table_s.get(key) == key | {"n": N(1)}
    write(loose, action, ClientRequestToken=unique())
    assert table_s.get(key) == key | {"n": N(2)}


def test_another_request_with_the_token_is_refused(loose, table_s):
    a, b = keys(2)
    token = unique()
    write(loose, put(table_s, a), ClientRequestToken=token)
    with refused(MISMATCH):
        write(loose, put(table_s, b), ClientRequestToken=token)
    with refused(MISMATCH):
        write(loose, put(table_s, a), put(table_s, b), ClientRequestToken=token)
    assert table_s.get(b) is None


def test_a_token_allows_another_wish_for_capacity(loose, table_s, key):
    token = unique()
    write(loose, put(table_s, key), ClientRequestToken=token)
    again = write(loose, put(table_s, key), ClientRequestToken=token, **TOTAL)
    assert again["ConsumedCapacity"][0]["ReadCapacityUnits"] == 2.0


def test_a_cancelled_request_may_be_tried_again_with_its_token(loose, table_s, key):
    action = put(table_s, key | {"n": N(1)}, "attribute_exists(p)")
    token = unique()
    with cancelled(FAILED):
        write(loose, action, ClientRequestToken=token)
    table_s.put(key)
    write(loose, action, ClientRequestToken=token)
    assert table_s.get(key) == key | {"n": N(1)}


@pytest.mark.parametrize(
    "token, rule",
    [("", "greater than or equal to 1"), ("x" * 37, "less than or equal to 36")],
    ids=["empty", "long"],
)
def test_a_tokens_length_has_bounds(loose, table_s, key, token, rule):
    with constraint(token, "clientRequestToken", f"Member must have length {rule}"):
        write(loose, put(table_s, key), ClientRequestToken=token)
    write(loose, put(table_s, key), ClientRequestToken=(unique("") * 3)[:36])


# Isolation


def test_no_reader_sees_half_a_transaction(client, table_s):
    a, b = keys(2)
    table_s.put(a | {"n": N(0)})
    table_s.put(b | {"n": N(0)})
    failures = []

    def transfer():
        try:
            for n in range(1, 60):
                value = {":n": N(n)}
                write(
                    client,
                    update(table_s, a, "SET n = :n", values=value),
                    update(table_s, b, "SET n = :n", values=value),
                )
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=transfer)
    thread.start()
    seen = set()
    while thread.is_alive():
        one, two = read(client, get(table_s, a), get(table_s, b))["Responses"]
        assert one["Item"]["n"] == two["Item"]["n"]
        seen.add(one["Item"]["n"]["N"])
    thread.join()
    assert not failures
    assert table_s.get(a)["n"] == N(59)


def test_many_writers_move_what_there_is_and_no_more(client, table_s):
    """Each moves one from a to b on a condition; the sum stays, and a never falls below zero."""
    a, b = keys(2)
    table_s.put(a | {"n": N(40)})
    table_s.put(b | {"n": N(0)})
    one = {":one": N(1), ":zero": N(0)}
    done, failures = [], []

    def move():
        for _ in range(20):
            try:
                write(
                    client,
                    update(table_s, a, "SET n = n - :one", "n > :zero", values=one),
                    update(table_s, b, "ADD n :one", values={":one": N(1)}),
                )
                done.append(1)
            except ClientError as error:
                if error.response["Error"]["Code"] != CANCELLED:
                    failures.append(error)

    threads = [threading.Thread(target=move) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(done) == 40
    assert (table_s.get(a)["n"], table_s.get(b)["n"]) == (N(0), N(40))
