"""Placeholders: names and values that are missing, unused or malformed."""

import pytest

from support import BOOL, N, SS, VALIDATION, counted, invalid, refused

UNUSED = "Value provided in ExpressionAttribute{} unused in expressions: keys: {{{}}}"


def test_an_unused_name_is_refused(table_s, key):
    with counted(UNUSED.format("Names", "#x")):
        table_s.update(key, "SET a = :v", names={"#x": "x"}, values={":v": N(1)})


def test_an_unused_value_is_refused(table_s, key):
    with counted(UNUSED.format("Values", ":w")):
        table_s.update(key, "SET a = :v", values={":v": N(1), ":w": N(2)})


def test_all_unused_values_are_named(table_s, key):
    with refused(VALIDATION, contains="unused in expressions: keys: {") as caught:
        table_s.put(key, condition="a = :a", values={":a": N(1), ":b": N(2), ":c": N(3)})
    message = caught.value.response["Error"]["Message"]
    assert ":b" in message and ":c" in message and ":a" not in message


def test_a_placeholder_may_be_used_in_either_expression(table_s, key):
    table_s.update(
        key, "SET #a = :v", condition="attribute_not_exists(#b) OR #b = :w",
        names={"#a": "a", "#b": "b"}, values={":v": N(1), ":w": N(2)},
    )


def test_a_placeholder_may_be_used_many_times(table_s, key):
    table_s.update(
        key, "SET #a = :v, b = :v", condition="attribute_not_exists(#a)", names={"#a": "a"},
        values={":v": N(1)},
    )
    assert table_s.get(key) == key | {"a": N(1), "b": N(1)}


@pytest.mark.parametrize(
    "expression, names, values, message",
    [
        ("SET a = :x", None, {":v": N(1)},
         "Invalid UpdateExpression: An expression attribute value used in expression is not "
         "defined; attribute value: :x"),
        ("SET a = :x", None, None,
         "Invalid UpdateExpression: An expression attribute value used in expression is not "
         "defined; attribute value: :x"),
        ("SET #x = :v", {"#y": "y"}, {":v": N(1)},
         "Invalid UpdateExpression: An expression attribute name used in the document path is not "
         "defined; attribute name: #x"),
        ("SET #x = :v", None, {":v": N(1)},
         "Invalid UpdateExpression: An expression attribute name used in the document path is not "
         "defined; attribute name: #x"),
    ],
)
def test_an_undefined_placeholder_is_refused(table_s, key, expression, names, values, message):
    with counted(message):
        table_s.update(key, expression, names=names, values=values)


def test_an_undefined_value_in_a_condition_is_refused(table_s, key):
    with counted(
        "Invalid ConditionExpression: An expression attribute value used in expression is not "
        "defined; attribute value: :x"
    ):
        table_s.put(key, condition="a = :x")


def test_placeholders_are_case_sensitive(table_s, key):
    with refused(VALIDATION, contains="attribute value: :V"):
        table_s.put(key, condition="a = :V", values={":v": N(1)})


@pytest.mark.parametrize("bad", ["a", "#", "#a-b", "#a.b", ":a", "##a", "# a", "#é", "a#"])
def test_a_malformed_name_placeholder_is_refused(table_s, key, bad):
    with counted(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{bad}"'):
        table_s.put(key, condition="attribute_exists(#ok)", names={"#ok": "x", bad: "y"})


@pytest.mark.parametrize("bad", ["a", ":", ":a-b", ":a.b", "#a", "::a", ": a", ":é", "a:"])
def test_a_malformed_value_placeholder_is_refused(table_s, key, bad):
    with counted(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{bad}"'):
        table_s.put(key, condition="a = :ok", values={":ok": N(1), bad: N(2)})


@pytest.mark.parametrize("good", ["#a", "#A_1", "#1", "#_", "#123abc", "#" + "a" * 200])
def test_these_name_placeholders_are_fine(table_s, key, good):
    table_s.put(key, condition=f"attribute_not_exists({good})", names={good: "x"})


@pytest.mark.parametrize("good", [":a", ":A_1", ":1", ":_", ":123abc", ":" + "a" * 200])
def test_these_value_placeholders_are_fine(table_s, key, good):
    table_s.update(key, f"SET x = {good}", values={good: N(1)})


def test_empty_names_are_refused(table_s, key):
    with counted("ExpressionAttributeNames must not be empty"):
        table_s.put(key, condition="attribute_not_exists(a)", names={})


def test_empty_values_are_refused(table_s, key):
    with counted("ExpressionAttributeValues must not be empty"):
        table_s.put(key, condition="attribute_not_exists(a)", values={})


def test_names_without_expression_are_refused(table_s, key):
    with counted("ExpressionAttributeNames can only be specified when using expressions"):
        table_s.put(key, names={"#a": "a"})


@pytest.mark.parametrize("call", ["put", "delete", "update"])
def test_values_without_expression_are_refused(table_s, key, call):
    with counted("ExpressionAttributeValues can only be specified when using expressions"):
        getattr(table_s, call)(key, values={":a": N(1)})


@pytest.mark.parametrize(
    "value, said",
    [
        ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        ({"N": "1e126"},
         "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ],
    ids=str,
)
def test_a_bad_value_is_refused(table_s, key, value, said):
    with counted(said):
        table_s.put(key, condition="a = :v", values={":v": value})


NOTHING = "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a"
TOO_LONG = "contains invalid key: The expression attribute map contains a key that is too long;"


def test_a_name_may_not_stand_for_nothing(table_s, key):
    with counted(NOTHING):
        table_s.put(key, condition="attribute_exists(#a)", names={"#a": ""})
    with invalid(NOTHING):
        table_s.fetch(key, projection="#a", names={"#a": ""})


def test_a_placeholder_has_at_most_255_bytes(table_s, key):
    name, value = "#" + "n" * 254, ":" + "v" * 254
    table_s.scan(filter=f"{name} = {value}", names={name: "a"}, values={value: N(1)})
    with invalid(f"ExpressionAttributeNames {TOO_LONG} size of key: 256"):
        table_s.fetch(key, projection="#a", names={name + "n": "a"})
    # The length is looked at before the form, and that of a value is not told.
    with invalid(f"ExpressionAttributeNames {TOO_LONG} size of key: 258"):
        table_s.fetch(key, projection="#a", names={name + "n-n": "a"})
    with invalid(f"ExpressionAttributeValues {TOO_LONG}"):
        table_s.scan(filter="a = :v", values={value + "v": N(1)})


@pytest.mark.parametrize("name", [":a", "#a", "a b", "a[0]", "a.b", "", "AND"])
def test_a_name_is_never_read_as_an_expression(table_s, key, name):
    if not name:
        pytest.skip("an empty name is refused")
    table_s.update(key, "SET #x = :v", names={"#x": name}, values={":v": SS("v")})
    assert table_s.get(key) == key | {name: SS("v")}


def test_reads_check_their_placeholders_too(table_s, key):
    with invalid(UNUSED.format("Names", "#b")):
        table_s.fetch(key, projection="#a", names={"#a": "a", "#b": "b"})
    with invalid(UNUSED.format("Values", ":w")):
        table_s.query("p = :p", values={":p": key["p"], ":w": N(1)})
    with invalid(UNUSED.format("Values", ":w")):
        table_s.scan(filter="a = :v", values={":v": N(1), ":w": BOOL(True)})
    with refused(VALIDATION, contains="Invalid FilterExpression: "):
        table_s.scan(filter="a = :v")
    with refused(VALIDATION, contains="Invalid KeyConditionExpression: "):
        table_s.query("p = :p")


def test_checks_come_before_the_item_is_looked_at(table_s, key):
    # A condition that would fail does not hide an expression that is wrong.
    table_s.put(key)
    with refused(VALIDATION):
        table_s.put(key, condition="attribute_not_exists(p)", names={"#unused": "x"})
    with refused(VALIDATION):
        table_s.put(key, condition="attribute_not_exists(p) AND a = :v")
    assert table_s.get(key) == key
