"""TransactWriteItems and TransactGetItems."""

import threading

import pytest
from botocore.exceptions import ClientError

from support import INVALID, N, NOT_FOUND, S, VALIDATION, constraint, invalid, refused, unique

KB = 1024
CANCELLED = "TransactionCanceledException"
MISMATCH = "IdempotentParameterMismatchException"
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}
TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


def said(kind, table, rest, condition=None, names=None, values=None, old=False):
    action = {"TableName": table.name} | rest
    if condition is not None:
        action["ConditionExpression"] = condition
    if names is not None:
        action["ExpressionAttributeNames"] = names
    if values is not None:
        action["ExpressionAttributeValues"] = values
    if old:
        action["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return {kind: action}


def put(table, item, *rest, **more):
    return said("Put", table, {"Item": item}, *rest, **more)


def update(table, key, expression, *rest, **more):
    return said("Update", table, {"Key": key, "UpdateExpression": expression}, *rest, **more)


def delete(table, key, *rest, **more):
    return said("Delete", table, {"Key": key}, *rest, **more)


def check(table, key, condition, *rest, **more):
    return said("ConditionCheck", table, {"Key": key}, condition, *rest, **more)


def get(table, key, projection=None, names=None):
    action = {"TableName": table.name, "Key": key}
    if projection is not None:
        action["ProjectionExpression"] = projection
    if names is not None:
        action["ExpressionAttributeNames"] = names
    return {"Get": action}


def write(loose, *actions, **rest):
    return loose.transact_write_items(TransactItems=list(actions), **rest)


def read(loose, *gets, **rest):
    return loose.transact_get_items(TransactItems=list(gets), **rest)


def keys(count):
    return [{"p": S(unique())} for _ in range(count)]


class cancelled:
    """The block's transaction is cancelled for these reasons, in this order."""

    def __init__(self, *reasons):
        self.reasons = list(reasons)

    def __enter__(self):
        self.raises = pytest.raises(ClientError)
        self.caught = self.raises.__enter__()

    def __exit__(self, *rest):
        passed = self.raises.__exit__(*rest)
        if rest[0] is not None and passed:
            answer = self.caught.value.response
            assert answer["Error"]["Code"] == CANCELLED, answer["Error"]
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
            assert answer["CancellationReasons"] == self.reasons
            codes = ", ".join(reason["Code"] for reason in self.reasons)
            assert answer["Error"]["Message"] == (
                "Transaction cancelled, please refer cancellation reasons for specific reasons "
                f"[{codes}]"
            )
        return passed


def wrong(message):
    return {"Code": "ValidationError", "Message": message}


MISFIT = wrong("The provided key element does not match the schema")
LONG = S("x" * 2049)
TOO_LONG = wrong(INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes")


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


# Refused before there is a transaction


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


# Reads


def test_items_come_in_order(loose, table_s, table_ss):
    a, b, c = keys(3)
    table_s.put(a | {"n": N(1)})
    table_s.put(c)
    other = {"p": S(unique()), "c": S("c")}
    table_ss.put(other)
    answer = read(loose, get(table_s, c), get(table_s, b), get(table_ss, other), get(table_s, a))
    assert answer["Responses"] == [
        {"Item": c}, {}, {"Item": other}, {"Item": a | {"n": N(1)}},
    ]
    assert "ConsumedCapacity" not in answer


def test_each_item_has_its_projection(loose, table_s):
    a, b = keys(2)
    table_s.put(a | {"x": N(1), "y": N(2)})
    table_s.put(b | {"x": N(3), "y": {"M": {"z": N(4), "w": N(5)}}})
    answer = read(loose, get(table_s, a, "x"), get(table_s, b, "#y.z", {"#y": "y"}))
    assert answer["Responses"] == [
        {"Item": {"x": N(1)}}, {"Item": {"y": {"M": {"z": N(4)}}}},
    ]


def test_a_hundred_are_the_most_to_read(loose, table_s):
    items = keys(101)
    assert len(read(loose, *(get(table_s, k) for k in items[:100]))["Responses"]) == 100
    with refused(VALIDATION, contains="Member must have length less than or equal to 100"):
        read(loose, *(get(table_s, k) for k in items))


def test_reading_an_item_twice_is_refused(loose, table_s, key):
    with invalid("Transaction request cannot include multiple operations on one item"):
        read(loose, get(table_s, key), get(table_s, key, "p"))


def test_reading_with_a_wrong_key_cancels(loose, table_s, key):
    with cancelled(NONE, MISFIT, NONE):
        read(loose, get(table_s, key), get(table_s, {"p": N(1)}), get(table_s, {"q": S("a")}))
    with cancelled(NONE, TOO_LONG):
        read(loose, get(table_s, key), get(table_s, {"p": LONG}))


def test_reading_what_is_not_there(loose, table_s, key):
    with refused(NOT_FOUND, "Requested resource not found"):
        read(loose, get(table_s, key), {"Get": {"TableName": unique("none-"), "Key": key}})
    with constraint(None, "transactItems.1.member.get", "Member must not be null"):
        read(loose, {})


def test_a_wrong_projection_is_refused(loose, table_s, key):
    with refused(VALIDATION, contains="Invalid ProjectionExpression"):
        read(loose, get(table_s, key, "a,,b"))
    with refused(VALIDATION, contains="unused in expressions"):
        read(loose, get(table_s, key, "a", {"#x": "x"}))


# What it costs


def sized(key, size):
    return key | {"a": S("x" * (size - 1 - len(key["p"]["S"]) - 1))}


def test_writes_cost_double(loose, table_s, table_ss):
    a, b, c = keys(3)
    table_s.put(sized(b, 3 * KB))
    other = {"p": S(unique()), "c": S("c")}
    answer = write(
        loose,
        put(table_s, sized(a, KB + 1)),
        check(table_s, b, "attribute_exists(p)"),
        delete(table_s, c),
        delete(table_ss, other),
        **TOTAL,
    )
    told = sorted(answer["ConsumedCapacity"], key=lambda one: -one["CapacityUnits"])
    assert told == [
        {"TableName": table_s.name, "CapacityUnits": 12.0, "WriteCapacityUnits": 12.0},
        {"TableName": table_ss.name, "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
    ]


def test_reads_cost_double(loose, table_s):
    a, b = keys(2)
    table_s.put(sized(a, 4 * KB + 1))
    answer = read(loose, get(table_s, a, "p"), get(table_s, b), ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == [{
        "TableName": table_s.name,
        "CapacityUnits": 6.0,
        "ReadCapacityUnits": 6.0,
        "Table": {"CapacityUnits": 6.0, "ReadCapacityUnits": 6.0},
    }]


def test_a_repeated_token_costs_a_read(loose, table_s, key):
    token = unique()
    action = put(table_s, sized(key, KB + 500))
    first = write(loose, action, ClientRequestToken=token, **TOTAL)["ConsumedCapacity"][0]
    again = write(loose, action, ClientRequestToken=token, **TOTAL)["ConsumedCapacity"][0]
    assert (first["WriteCapacityUnits"], first["CapacityUnits"]) == (4.0, 4.0)
    assert (again["ReadCapacityUnits"], again["CapacityUnits"]) == (2.0, 2.0)

    action = delete(table_s, key)
    table_s.put(sized(key, 9 * KB))
    token = unique()
    first = write(loose, action, ClientRequestToken=token, **TOTAL)["ConsumedCapacity"][0]
    again = write(loose, action, ClientRequestToken=token, **TOTAL)["ConsumedCapacity"][0]
    assert first["CapacityUnits"] == 18.0
    assert (again["ReadCapacityUnits"], again["CapacityUnits"]) == (6.0, 6.0)


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
