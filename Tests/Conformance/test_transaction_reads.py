"""TransactGetItems, and what transactions cost."""

from support import N, NOT_FOUND, S, VALIDATION, constraint, invalid, refused, unique
from transactions import (
    KB, LONG, MISFIT, NONE, TOO_LONG, TOTAL, cancelled, check, delete, get, keys, put, read,
    write,
)


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
