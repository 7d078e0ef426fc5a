"""Update expressions: SET, REMOVE, ADD and DELETE, their functions, and what is refused."""

import pytest

from support import (
    B, BOOL, BS, CONDITION_FAILED, L, M, N, NS, NULL, S, SS, VALIDATION, counted, invalid, normal,
    refused,
)

PREFIX = "Invalid UpdateExpression: "
BAD_PATH = "The document path provided in the update expression is invalid for update"
NO_ATTRIBUTE = (
    "The provided expression refers to an attribute that does not exist in the item"
)
BAD_TYPE = "An operand in the update expression has an incorrect data type"

# before, expression, values, after (each without the key)
CHANGES = [
    # SET
    ({}, "SET a = :v", {":v": S("x")}, {"a": S("x")}),
    ({"a": N(1)}, "SET a = :v", {":v": S("x")}, {"a": S("x")}),
    ({"a": N(1), "b": N(2)}, "SET a = b, b = a", {}, {"a": N(2), "b": N(1)}),
    ({"a": N(1)}, "SET b = a, c = a", {}, {"a": N(1), "b": N(1), "c": N(1)}),
    ({"a": N(1)}, "set a = :v", {":v": NULL}, {"a": NULL}),
    ({"a": N(1)}, "SET a = a", {}, {"a": N(1)}),
    # arithmetic
    ({"a": N(1)}, "SET a = a + :v", {":v": N(2)}, {"a": N(3)}),
    ({"a": N(1)}, "SET a = a - :v", {":v": N(2)}, {"a": N(-1)}),
    ({"a": N(1)}, "SET a = :v - a", {":v": N(5)}, {"a": N(4)}),
    ({"a": N(1), "b": N(2)}, "SET c = a + b", {}, {"a": N(1), "b": N(2), "c": N(3)}),
    ({}, "SET a = :v + :w", {":v": N(1), ":w": N(2)}, {"a": N(3)}),
    ({"a": N(1)}, "SET a = (a + :v)", {":v": N(2)}, {"a": N(3)}),
    ({"m": M(x=N(1)), "l": L(N(5))}, "SET m.x = m.x + l[0]", {}, {"m": M(x=N(6)), "l": L(N(5))}),
    # if_not_exists
    ({}, "SET a = if_not_exists(a, :v)", {":v": N(1)}, {"a": N(1)}),
    ({"a": N(9)}, "SET a = if_not_exists(a, :v)", {":v": N(1)}, {"a": N(9)}),
    ({}, "SET a = if_not_exists(a, :v) + :w", {":v": N(0), ":w": N(1)}, {"a": N(1)}),
    ({"b": N(7)}, "SET a = if_not_exists(c, b)", {}, {"a": N(7), "b": N(7)}),
    ({"b": N(7)}, "SET a = if_not_exists(x, if_not_exists(y, b))", {}, {"a": N(7), "b": N(7)}),
    ({"m": M(x=N(1))}, "SET a = if_not_exists(m.y, m.x)", {}, {"a": N(1), "m": M(x=N(1))}),
    # list_append
    ({"l": L(N(1))}, "SET l = list_append(l, :v)", {":v": L(N(2), N(3))}, {"l": L(N(1), N(2), N(3))}),
    ({"l": L(N(1))}, "SET l = list_append(:v, l)", {":v": L(N(0))}, {"l": L(N(0), N(1))}),
    ({}, "SET l = list_append(:v, :v)", {":v": L(S("a"))}, {"l": L(S("a"), S("a"))}),
    ({}, "SET l = list_append(if_not_exists(l, :e), :v)", {":e": L(), ":v": L(N(1))}, {"l": L(N(1))}),
    # paths
    ({"m": M(a=N(1))}, "SET m.b = :v", {":v": N(2)}, {"m": M(a=N(1), b=N(2))}),
    ({"m": M(a=M(b=N(1)))}, "SET m.a.b = :v", {":v": S("x")}, {"m": M(a=M(b=S("x")))}),
    ({"l": L(N(1), N(2))}, "SET l[0] = :v", {":v": N(9)}, {"l": L(N(9), N(2))}),
    ({"l": L(N(1))}, "SET l[1] = :v", {":v": N(2)}, {"l": L(N(1), N(2))}),
    ({"l": L(N(1))}, "SET l[99] = :v", {":v": N(2)}, {"l": L(N(1), N(2))}),
    ({"l": L(N(1))}, "SET l[9] = :v, l[5] = :w", {":v": N(9), ":w": N(5)}, {"l": L(N(1), N(5), N(9))}),
    ({"l": L(M(a=N(1)))}, "SET l[0].a = :v", {":v": N(2)}, {"l": L(M(a=N(2)))}),
    ({"m": M(l=L(L(N(1))))}, "SET m.l[0][0] = :v", {":v": N(2)}, {"m": M(l=L(L(N(2))))}),
    # REMOVE
    ({"a": N(1), "b": N(2)}, "REMOVE a", {}, {"b": N(2)}),
    ({"b": N(2)}, "REMOVE a", {}, {"b": N(2)}),
    ({"a": N(1), "b": N(2), "c": N(3)}, "REMOVE a, c", {}, {"b": N(2)}),
    ({"m": M(a=N(1), b=N(2))}, "REMOVE m.a", {}, {"m": M(b=N(2))}),
    ({"m": M(a=N(1))}, "REMOVE m.x", {}, {"m": M(a=N(1))}),
    ({"m": M(a=N(1))}, "REMOVE m.a", {}, {"m": M()}),
    ({"l": L(N(0), N(1), N(2), N(3))}, "REMOVE l[1]", {}, {"l": L(N(0), N(2), N(3))}),
    ({"l": L(N(0), N(1), N(2), N(3))}, "REMOVE l[0], l[2]", {}, {"l": L(N(1), N(3))}),
    ({"l": L(N(0), N(1), N(2), N(3))}, "REMOVE l[2], l[0]", {}, {"l": L(N(1), N(3))}),
    ({"l": L(N(0))}, "REMOVE l[7]", {}, {"l": L(N(0))}),
    # ADD
    ({}, "ADD a :v", {":v": N(5)}, {"a": N(5)}),
    ({"a": N(1)}, "ADD a :v", {":v": N(-5)}, {"a": N(-4)}),
    ({}, "ADD a :v", {":v": SS("x")}, {"a": SS("x")}),
    ({"a": SS("x")}, "ADD a :v", {":v": SS("x", "y")}, {"a": SS("x", "y")}),
    ({"a": NS(1, 2)}, "ADD a :v", {":v": NS("2.0", 3)}, {"a": NS(1, 2, 3)}),
    ({"a": BS(b"x")}, "ADD a :v", {":v": BS(b"y")}, {"a": BS(b"x", b"y")}),
    ({"m": M(n=N(1))}, "ADD m.n :v, m.x :v", {":v": N(2)}, {"m": M(n=N(3), x=N(2))}),
    # DELETE
    ({"a": SS("x", "y", "z")}, "DELETE a :v", {":v": SS("x", "q")}, {"a": SS("y", "z")}),
    ({"a": NS(1, 2)}, "DELETE a :v", {":v": NS("1.0")}, {"a": NS(2)}),
    ({"a": BS(b"x", b"y")}, "DELETE a :v", {":v": BS(b"x")}, {"a": BS(b"y")}),
    ({"a": SS("x")}, "DELETE a :v", {":v": SS("x")}, {}),
    ({}, "DELETE a :v", {":v": SS("x")}, {}),
    ({"m": M(s=SS("x", "y"))}, "DELETE m.s :v", {":v": SS("x")}, {"m": M(s=SS("y"))}),
    # together
    (
        {"a": N(1), "b": N(2), "c": N(3), "d": SS("x", "y")},
        "SET a = b REMOVE b ADD c :one DELETE d :x",
        {":one": N(1), ":x": SS("x")},
        {"a": N(2), "c": N(4), "d": SS("y")},
    ),
    ({"a": N(1)}, "remove a set b = a", {}, {"b": N(1)}),
    ({"l": L(N(0), N(1), N(2))}, "REMOVE l[0] SET l[2] = :v", {":v": S("x")}, {"l": L(N(1), S("x"))}),
    ({}, "  SET\n a\t=\r\n:v ", {":v": N(1)}, {"a": N(1)}),
    ({}, "SET a=:v,b=:v", {":v": N(1)}, {"a": N(1), "b": N(1)}),
]


@pytest.mark.parametrize("before, expression, values, after", CHANGES, ids=lambda v: str(v)[:48])
def test_an_update_makes_of_one_item_another(table_s, key, before, expression, values, after):
    table_s.put(key | before)
    answer = table_s.update(key, expression, values=values or None, ReturnValues="ALL_NEW")
    expected = normal(key | after)
    assert normal(table_s.get(key)) == expected
    assert normal(answer["Attributes"]) == expected


def test_an_update_makes_the_item_that_is_not_there(table_s, key):
    table_s.update(key, "SET a = :v", values={":v": S("x")})
    assert table_s.get(key) == key | {"a": S("x")}


def test_an_update_without_expression_makes_a_bare_item(table_s, key):
    table_s.update(key)
    assert table_s.get(key) == key


# A nested path is refused where an item lacks its parent, but passes where there is no item at all.
@pytest.mark.parametrize(
    "expression", ["REMOVE a", "REMOVE a, b.c, l[0]", "DELETE a :v", "REMOVE b DELETE a :v"]
)
def test_an_update_that_only_removes_makes_no_item(table_s, key, expression):
    values = {":v": SS("x")} if "DELETE" in expression else None
    answer = table_s.update(key, expression, values=values, ReturnValues="ALL_NEW")
    assert "Attributes" not in answer
    assert table_s.get(key) is None


def test_an_update_that_only_removes_is_held_to_its_condition(table_s, key):
    with refused(CONDITION_FAILED):
        table_s.update(key, "REMOVE a", condition="attribute_exists(p)")
    table_s.update(key, "REMOVE a", condition="attribute_not_exists(p)")
    assert table_s.get(key) is None


def test_an_update_that_removes_and_sets_makes_the_item(table_s, key):
    table_s.update(key, "REMOVE a SET b = :v", values={":v": S("x")})
    assert table_s.get(key) == key | {"b": S("x")}


def test_names_stand_for_any_attribute(table_s, key):
    table_s.update(
        key, "SET #a = :v, #b = :v", names={"#a": "a.b", "#b": "SELECT"}, values={":v": N(1)}
    )
    assert table_s.get(key) == key | {"a.b": N(1), "SELECT": N(1)}


def test_names_stand_in_paths(table_s, key):
    table_s.put(key | {"m": M(**{"x.y": L(N(1))})})
    table_s.update(key, "SET #m.#k[0] = :v", names={"#m": "m", "#k": "x.y"}, values={":v": N(2)})
    assert table_s.get(key)["m"] == M(**{"x.y": L(N(2))})


# Refused before any item is looked at

V1 = {":v": N(1)}


@pytest.mark.parametrize(
    "expression, values, message",
    [
        ("", None, "The expression can not be empty;"),
        ("SET a = :v SET b = :v", V1,
         'The "SET" section can only be used once in an update expression;'),
        ("REMOVE a REMOVE b", None,
         'The "REMOVE" section can only be used once in an update expression;'),
        ("SET a = foo(:v)", V1, "Invalid function name; function: foo"),
        ("SET a = list_append(:v)", {":v": L()},
         "Incorrect number of operands for operator or function; "
         "operator or function: list_append, number of operands: 1"),
        ("SET a = if_not_exists(a)", None,
         "Incorrect number of operands for operator or function; "
         "operator or function: if_not_exists, number of operands: 1"),
        ("SET a = if_not_exists(:v, :v)", V1,
         "Operator or function requires a document path; operator or function: if_not_exists"),
        ("SET a = list_append(a, :v)", V1,
         "Incorrect operand type for operator or function; "
         "operator or function: list_append, operand type: N"),
        ("SET a = list_append(list_append(:v, :v), :v)", {":v": L()},
         "The function is not allowed to be used this way in an expression; "
         "function: list_append"),
        ("SET a = a + :v", {":v": S("x")},
         "Incorrect operand type for operator or function; "
         "operator or function: +, operand type: S"),
        ("SET a = a - :v", {":v": L()},
         "Incorrect operand type for operator or function; "
         "operator or function: -, operand type: L"),
    ],
    ids=lambda v: str(v)[:32],
)
def test_a_wrong_expression_is_refused(table_s, key, expression, values, message):
    with counted(PREFIX + message):
        table_s.update(key, expression, values=values)
    assert table_s.get(key) is None


def test_of_two_wrong_expressions_one_is_told(loose, table_s, key):
    update = {
        "TableName": table_s.name,
        "Key": key,
        "UpdateExpression": "SET a = size(b)",
        "ConditionExpression": "if_not_exists(a, :v) = :v",
        "ExpressionAttributeValues": V1,
    }
    with counted(
        "Invalid ConditionExpression: "
        "The function is not allowed in a condition expression; function: if_not_exists"
    ):
        loose.update_item(**update)
    with invalid(PREFIX + "The function is not allowed in an update expression; function: size"):
        loose.transact_write_items(TransactItems=[{"Update": update}])


@pytest.mark.parametrize(
    "section, value, named",
    [("ADD", S("x"), "STRING"), ("ADD", B(b"x"), "BINARY"), ("ADD", BOOL(True), "BOOL"),
     ("ADD", NULL, "NULL"), ("ADD", L(), "LIST"), ("ADD", M(), "MAP"),
     ("DELETE", N(1), "NUMBER"), ("DELETE", S("x"), "STRING"), ("DELETE", L(), "LIST")],
    ids=str,
)
def test_add_and_delete_take_certain_types(table_s, key, section, value, named):
    with refused(
        VALIDATION,
        contains=PREFIX + "Incorrect operand type for operator or function; "
        f"operator: {section}, operand type: {named}, typeSet: ALLOWED_FOR_ADD_OPERAND",
    ):
        table_s.update(key, f"{section} a :v", values={":v": value})


OVERLAP = (
    PREFIX + "Two document paths overlap with each other; must remove or rewrite one of these "
    "paths; path one: {}, path two: {}"
)
CONFLICT = (
    PREFIX + "Two document paths conflict with each other; must remove or rewrite one of these "
    "paths; path one: {}, path two: {}"
)


@pytest.mark.parametrize(
    "expression, message",
    [
        ("SET a = :v, a = :v", OVERLAP.format("[a]", "[a]")),
        ("SET a = :v REMOVE a", OVERLAP.format("[a]", "[a]")),
        ("SET a = :v ADD a :v", OVERLAP.format("[a]", "[a]")),
        ("SET a = :v, a.b = :v", OVERLAP.format("[a]", "[a, b]")),
        ("SET a.b = :v, a = :v", OVERLAP.format("[a, b]", "[a]")),
        ("SET a.b.c = :v, a.b = :v", OVERLAP.format("[a, b, c]", "[a, b]")),
        ("SET a[1] = :v, a[1] = :v", OVERLAP.format("[a, [1]]", "[a, [1]]")),
        ("SET a[1].b = :v, a[1] = :v", OVERLAP.format("[a, [1], b]", "[a, [1]]")),
        ("SET a.b = :v, a[1] = :v", CONFLICT.format("[a, b]", "[a, [1]]")),
        ("SET a[0] = :v, a.b = :v", CONFLICT.format("[a, [0]]", "[a, b]")),
    ],
    ids=lambda v: v[:28],
)
def test_overlapping_paths_are_refused(table_s, key, expression, message):
    with counted(message):
        table_s.update(key, expression, values=V1)


def test_paths_overlap_by_what_their_names_stand_for(table_s, key):
    with counted(OVERLAP.format("[a]", "[a]")):
        table_s.update(key, "SET a = :v, #x = :v", names={"#x": "a"}, values=V1)


@pytest.mark.parametrize("expression", ["SET a.b = :v, a.c = :v", "SET a[0] = :v, a[1] = :v"])
def test_neighbouring_paths_do_not_overlap(table_s, key, expression):
    table_s.put(key | {"a": M() if "." in expression else L(N(0))})
    table_s.update(key, expression, values=V1)


@pytest.mark.parametrize(
    "expression",
    ["SET", "SET a", "SET a =", "SET = :v", "a = :v", "SET a = :v,", "SET a = :v b = :v",
     "SET a = :v :v", "SET a == :v", "SET a = :v + ", "SET a = :v + :v + :v", "SET a = :v * :v",
     "SET a = :v / :v", "SET :v = a", "SET a = 1", "REMOVE", "REMOVE a b", "REMOVE :v", "ADD a",
     "ADD a = :v", "ADD a b", "DELETE a", "FOO a = :v", "SET a. = :v", "SET a[ = :v",
     "SET a[x] = :v", "SET a[-1] = :v", "SET a = :v;", "SET a = -:v", "SET (a) = :v",
     "SETa = :v", "ADD a if_not_exists(a, :v)", "💥"],
)
def test_what_does_not_parse_is_a_syntax_error(table_s, key, expression):
    with refused(VALIDATION, contains=PREFIX):
        table_s.update(key, expression, values=V1 if ":v" in expression else None)


def test_a_syntax_error_names_token_and_place(table_s, key):
    with refused(VALIDATION, contains=PREFIX + 'Syntax error; token: "'):
        table_s.update(key, "SET a == :v", values=V1)


def test_a_very_long_expression_is_refused(table_s, key):
    with counted(PREFIX + "Expression size has exceeded the maximum allowed size;"):
        table_s.update(key, "SET " + "a" * 4090 + " = :v", values=V1)


@pytest.mark.parametrize("function", ["size(b)", "attribute_exists(b)", "contains(b, :v)"])
def test_a_function_of_conditions_sets_nothing(table_s, key, function):
    values = V1 if ":v" in function else None
    with refused(VALIDATION, contains="function: " + function.split("(")[0]):
        table_s.update(key, f"SET a = {function}", values=values)


# Refused because of the item


@pytest.mark.parametrize(
    "before, expression, values, message",
    [
        ({}, "SET a = b", None, NO_ATTRIBUTE),
        ({}, "SET a = a + :v", V1, NO_ATTRIBUTE),
        ({"a": N(1)}, "SET b = a + c", None, NO_ATTRIBUTE),
        ({}, "SET a = list_append(a, :v)", {":v": L()}, NO_ATTRIBUTE),
        ({"m": M()}, "SET a = m.x", None, NO_ATTRIBUTE),
        ({"l": L()}, "SET a = l[0]", None, NO_ATTRIBUTE),
        ({"a": S("x")}, "SET a = a + :v", V1, BAD_TYPE),
        ({"a": S("x")}, "SET a = list_append(a, :v)", {":v": L()}, BAD_TYPE),
        ({"a": S("x")}, "ADD a :v", V1, BAD_TYPE),
        ({"a": N(1)}, "ADD a :v", {":v": SS("x")}, BAD_TYPE),
        ({"a": NS(1)}, "ADD a :v", {":v": SS("x")}, BAD_TYPE),
        ({"a": NS(1)}, "DELETE a :v", {":v": SS("x")}, BAD_TYPE),
        ({"a": N(1)}, "DELETE a :v", {":v": SS("x")}, BAD_TYPE),
        ({}, "SET a.b = :v", V1, BAD_PATH),
        ({"a": S("x")}, "SET a.b = :v", V1, BAD_PATH),
        ({"a": S("x")}, "SET a[0] = :v", V1, BAD_PATH),
        ({"a": L()}, "SET a.b = :v", V1, BAD_PATH),
        ({"a": M()}, "SET a[0] = :v", V1, BAD_PATH),
        ({"a": M()}, "SET a.b.c = :v", V1, BAD_PATH),
        ({"a": L()}, "SET a[0].b = :v", V1, BAD_PATH),
        ({}, "REMOVE a.b", None, BAD_PATH),
        ({"a": S("x")}, "REMOVE a.b", None, BAD_PATH),
        ({}, "ADD a.b :v", V1, BAD_PATH),
    ],
    ids=lambda v: str(v)[:36],
)
def test_an_update_that_does_not_fit_the_item_is_refused(
    table_s, key, before, expression, values, message
):
    table_s.put(key | before)
    with invalid(message):
        table_s.update(key, expression, values=values)
    assert normal(table_s.get(key)) == normal(key | before)


def test_a_refused_update_makes_no_item(table_s, key):
    with invalid(NO_ATTRIBUTE):
        table_s.update(key, "SET a = b")
    assert table_s.get(key) is None


def test_one_bad_part_refuses_the_whole(table_s, key):
    table_s.put(key | {"a": N(1)})
    with invalid(NO_ATTRIBUTE):
        table_s.update(key, "SET a = :v, b = c", values={":v": N(2)})
    assert table_s.get(key) == key | {"a": N(1)}
