"""PutItem, GetItem and DeleteItem, with items of every type."""

import pytest

from support import (
    B, BOOL, BS, COUNTED, INVALID, L, M, N, NOT_FOUND, NS, NULL, S, SS, VALIDATION, constraint,
    normal, refused, unique,
)

EVERY_TYPE = {
    "string": S("text"),
    "empty-string": S(""),
    "unicode": S("Zürich 東京 🚲 \u0000\u001f\" \\ /"),
    "number": N("42"),
    "negative": N("-0.5"),
    "binary": B(b"\x00\x01\xff\xfe"),
    "empty-binary": B(b""),
    "true": BOOL(True),
    "false": BOOL(False),
    "null": NULL,
    "string-set": SS("a", "b", "c"),
    "number-set": NS("1", "-2", "3.5"),
    "binary-set": BS(b"a", b"\xff"),
    "empty-list": {"L": []},
    "list": L(S("a"), N(1), NULL, L(BOOL(True))),
    "empty-map": {"M": {}},
    "map": M(a=S("x"), b=M(c=L(N(1), B(b"z")))),
    "set-in-map": M(s=SS("x", "y")),
}


@pytest.mark.parametrize("kind", EVERY_TYPE)
def test_a_value_comes_back_as_it_was_put(table_s, key, kind):
    item = key | {"a": EVERY_TYPE[kind]}
    table_s.put(item)
    assert normal(table_s.get(key)) == normal(item)


def test_values_of_every_type_live_in_one_item(table_s, key):
    item = key | EVERY_TYPE
    table_s.put(item)
    assert normal(table_s.get(key)) == normal(item)


@pytest.mark.parametrize("name", [" ", "a b", "a.b", "a[0]", "#a", ":a", "ß", "🚲", "name", "a" * 300])
def test_an_attribute_may_have_any_name(table_s, key, name):
    table_s.put(key | {name: S("x")})
    assert table_s.get(key)[name] == S("x")


def test_an_item_may_be_its_key_alone(table_s, key):
    table_s.put(key)
    assert table_s.get(key) == key


def test_a_put_answers_nothing_unless_asked(table_s, key):
    answer = table_s.put(key)
    assert {name for name in answer if name != "ResponseMetadata"} == set()


def test_an_item_replaces_the_whole_item_before(table_s, key):
    table_s.put(key | {"a": S("x"), "b": S("y")})
    table_s.put(key | {"b": S("z")})
    assert table_s.get(key) == key | {"b": S("z")}


def test_an_item_that_is_not_there_is_an_answer_without_item(table_s, key):
    answer = table_s.fetch(key)
    assert "Item" not in answer


@pytest.mark.parametrize("consistent", [True, False])
def test_a_write_is_read_back_at_once(table_s, key, consistent):
    # In one region every read sees what was acknowledged before it.
    for number in range(5):
        table_s.put(key | {"n": N(number)})
        assert table_s.fetch(key, ConsistentRead=consistent)["Item"]["n"] == N(number)


def test_python_values_go_in_and_out_through_the_resource(resource, table_s):
    from decimal import Decimal

    table = resource.Table(table_s.name)
    item = {
        "p": unique(),
        "n": Decimal("3.25"),
        "l": [1, "two", None, True],
        "m": {"a": {"b": []}},
        "s": {"x", "y"},
    }
    table.put_item(Item=item)
    assert table.get_item(Key={"p": item["p"]}, ConsistentRead=True)["Item"] == item


# Deletes


def test_a_deleted_item_is_gone(table_s, key):
    table_s.put(key | {"a": S("x")})
    table_s.delete(key)
    assert table_s.get(key) is None


def test_a_delete_of_nothing_succeeds(table_s, key):
    table_s.delete(key)
    table_s.delete(key)


def test_a_deleted_item_can_come_back(table_s, key):
    table_s.put(key | {"a": S("x")})
    table_s.delete(key)
    table_s.put(key | {"b": S("y")})
    assert table_s.get(key) == key | {"b": S("y")}


def test_a_delete_takes_only_its_own_sort_key(table_ss):
    p = S(unique())
    for c in "abc":
        table_ss.put({"p": p, "c": S(c)})
    table_ss.delete({"p": p, "c": S("b")})
    found = table_ss.query("p = :p", values={":p": p})["Items"]
    assert [item["c"]["S"] for item in found] == ["a", "c"]


# What is refused

BAD_VALUES = [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    (
        {"S": "a", "N": "1"},
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes",
    ),
    ({"NULL": False}, INVALID + "Null attribute value types must have the value of true"),
    ({"SS": []}, INVALID + "An string set  may not be empty"),
    ({"NS": []}, INVALID + "An number set  may not be empty"),
    ({"BS": []}, INVALID + "Binary sets should not be empty"),
    ({"SS": ["a", "a"]}, INVALID + 'Input collection ["a", "a"] contains duplicates.'),
    ({"N": ""}, "The parameter cannot be converted to a numeric value: "),
    ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
    ({"NS": ["1", "x"]}, "The parameter cannot be converted to a numeric value: x"),
]


@pytest.mark.parametrize("value, message", BAD_VALUES, ids=lambda v: str(v)[:40])
def test_a_bad_value_is_refused(raw, table_s, value, message):
    response = raw.call(
        "PutItem", {"TableName": table_s.name, "Item": {"p": {"S": unique()}, "a": value}}
    )
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == COUNTED + message


@pytest.mark.parametrize("wrap", [lambda v: {"L": [v]}, lambda v: {"M": {"x": v}}], ids=["L", "M"])
@pytest.mark.parametrize("value, message", BAD_VALUES[:4], ids=lambda v: str(v)[:40])
def test_a_bad_value_is_refused_at_any_depth(raw, table_s, value, message, wrap):
    response = raw.call(
        "PutItem", {"TableName": table_s.name, "Item": {"p": {"S": unique()}, "a": wrap(value)}}
    )
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == COUNTED + message


@pytest.mark.parametrize("members", [["1", "1"], ["1", "1.0"], ["10", "1e1"], ["0", "-0"]])
def test_equal_numbers_in_a_set_are_duplicates(table_s, key, members):
    with refused(VALIDATION, contains="Input collection"):
        table_s.put(key | {"a": {"NS": members}})


def test_equal_binaries_in_a_set_are_duplicates(table_s, key):
    with refused(VALIDATION, contains="contains duplicates"):
        table_s.put(key | {"a": BS(b"a", b"a")})


def test_a_set_may_hold_an_empty_member(table_s, key):
    item = key | {"a": SS("", "a"), "b": BS(b"", b"a")}
    table_s.put(item)
    assert normal(table_s.get(key)) == normal(item)


def nested(levels, kind):
    value = S("x")
    for _ in range(levels):
        value = {"L": [value]} if kind == "L" else {"M": {"a": value}}
    return value


@pytest.mark.parametrize("kind", ["L", "M"])
def test_values_nest_31_deep(table_s, key, kind):
    item = key | {"a": nested(31, kind)}
    table_s.put(item)
    assert table_s.get(key) == item


@pytest.mark.parametrize("kind", ["L", "M"])
@pytest.mark.parametrize("levels", [34, 100, 1000])
def test_deeper_values_are_refused(raw, table_s, kind, levels):
    import json

    text = '{"S":"x"}'
    for _ in range(levels):
        text = '{"L":[' + text + "]}" if kind == "L" else '{"M":{"a":' + text + "}}"
    body = '{"TableName":%s,"Item":{"p":{"S":"a"},"a":%s}}' % (json.dumps(table_s.name), text)
    response = raw.call("PutItem", body)
    assert response.status == 400
    assert response.error in (VALIDATION, "SerializationException")
    if levels < 100:
        assert "Nesting Levels have exceeded supported limits" in response.message


def test_an_empty_attribute_name_is_refused(table_s, key):
    with refused(VALIDATION):
        table_s.put(key | {"": S("x")})


@pytest.mark.parametrize("call", ["put", "get", "delete", "update"])
def test_a_table_that_is_not_there_is_not_found(loose, call):
    from support import Table

    table = Table(loose, unique("none-"))
    with refused(NOT_FOUND, "Requested resource not found"):
        getattr(table, call)({"p": S("a")})


@pytest.mark.parametrize(
    "operation, member",
    [("put_item", "item"), ("get_item", "key"), ("delete_item", "key"), ("update_item", "key")],
)
def test_the_item_or_its_key_must_be_there(loose, table_s, operation, member):
    with constraint(None, member, "Member must not be null"):
        getattr(loose, operation)(TableName=table_s.name)
