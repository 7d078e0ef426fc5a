"""Condition expressions: every operator and function, and what is refused."""

import pytest

from support import (
    B, BOOL, BS, CONDITION_FAILED, L, M, N, NS, NULL, S, SS, VALIDATION, counted, refused, unique,
)

PREFIX = "Invalid ConditionExpression: "

ITEM = {
    "s": S("hello"),
    "blank": S(""),
    "n": N(10),
    "neg": N(-3),
    "b": B(b"\x01\xff"),
    "yes": BOOL(True),
    "no": BOOL(False),
    "nothing": NULL,
    "ss": SS("a", "b"),
    "ns": NS(1, 2, 3),
    "bs": BS(b"a", b"b"),
    "l": L(S("x"), N(7), L(S("deep")), M(k=S("v"))),
    "m": M(a=N(1), b=M(c=S("z"), d=L(N(5)))),
    "ten": N("10.0"),
    "size": S("reserved"),
    "n2": N(20),
}

V = {
    ":hello": S("hello"), ":hel": S("hel"), ":ell": S("ell"), ":hellp": S("hellp"), ":e": S(""),
    ":10": N(10), ":9": N(9), ":11": N(11), ":3": N(3), ":neg5": N(-5), ":0": N(0), ":1": N(1),
    ":5": N(5), ":2": N(2), ":4": N(4), ":16": N(16), ":7": N(7),
    ":b": B(b"\x01\xff"), ":b1": B(b"\x01"), ":bz": B(b"\x02"),
    ":true": BOOL(True), ":false": BOOL(False), ":null": NULL,
    ":a": S("a"), ":x": S("x"), ":z": S("z"), ":v": S("v"), ":ba": B(b"a"),
    ":ss": SS("b", "a"), ":ss3": SS("a", "b", "c"), ":ns": NS(3, 2, 1), ":bs": BS(b"b", b"a"),
    ":l": L(S("x"), N(7), L(S("deep")), M(k=S("v"))), ":m": M(b=M(d=L(N(5)), c=S("z")), a=N(1)),
    ":lx": L(S("deep")), ":mk": M(k=S("v")),
    ":S": S("S"), ":N": S("N"), ":B": S("B"), ":BOOL": S("BOOL"), ":NULL": S("NULL"),
    ":SS": S("SS"), ":NS": S("NS"), ":BS": S("BS"), ":L": S("L"), ":M": S("M"),
    ":s10": S("10"), ":hex": S("reserved"),
}

HOLDS = [
    # equality, of every type
    "s = :hello", "n = :10", "ten = :10", "b = :b", "yes = :true", "nothing = :null", "blank = :e",
    "ss = :ss", "ns = :ns", "bs = :bs", "l = :l", "m = :m", "n = ten", ":10 = n",
    "s <> :hel", "n <> :9", "n <> :s10", "ss <> :ss3", "absent <> :hello", "yes <> :false",
    # order
    "n < :11", "n <= :10", "n > :9", "n >= :10", "n > :neg5", "neg > :neg5", "s < :hellp",
    "s > :hel", "b > :b1", "b < :bz", "n < n2", "blank < :a",
    # between and in
    "n BETWEEN :9 AND :11", "n BETWEEN :10 AND :10", "s BETWEEN :hel AND :hellp",
    "b BETWEEN :b1 AND :bz", ":10 BETWEEN neg AND n2",
    "n IN (:9, :10)", "s IN (:hello)", "n IN (n2, ten)", "nothing IN (:true, :null)", "l IN (:l)",
    # functions
    "attribute_exists(s)", "attribute_exists(blank)", "attribute_exists(nothing)",
    "attribute_exists(m.b.c)", "attribute_exists(l[2][0])", "attribute_exists(l[3].k)",
    "attribute_not_exists(absent)", "attribute_not_exists(m.x)", "attribute_not_exists(l[9])",
    "attribute_not_exists(s.x)", "attribute_not_exists(s[0])", "attribute_not_exists(m.b.c.d)",
    "attribute_type(s, :S)", "attribute_type(n, :N)", "attribute_type(b, :B)",
    "attribute_type(yes, :BOOL)", "attribute_type(nothing, :NULL)", "attribute_type(ss, :SS)",
    "attribute_type(ns, :NS)", "attribute_type(bs, :BS)", "attribute_type(l, :L)",
    "attribute_type(:S, :S)", "attribute_type(m, :M)", "attribute_type(m.a, :N)",
    "begins_with(s, :hel)", "begins_with(s, :hello)", "begins_with(b, :b1)",
    "contains(s, :ell)", "contains(ss, :a)", "contains(ns, :3)", "contains(bs, :ba)",
    "contains(l, :x)", "contains(l, :7)", "contains(l, :lx)", "contains(l, :mk)",
    "contains(b, :b1)", "contains(:hello, s)",
    "size(s) = :5", "size(b) = :2", "size(ss) = :2", "size(ns) = :3", "size(bs) = :2",
    "size(l) = :4", "size(m) = :2", "size(blank) = :0", "size(m.b.d) = :1",
    "size(s) < size(:hex)", "size(s) BETWEEN :4 AND :7", "size(ss) IN (:1, :2)",
    # paths
    "m.a = :1", "m.b.c = :z", "m.b.d[0] = :5", "l[0] = :x", "l[2] = :lx", "l[3].k = :v",
    "l [ 0 ] = :x", "m . a = :1",
    # logic
    "NOT s = :hel", "NOT absent = :hello", "NOT absent < :10", "NOT n > :11",
    "s = :hello AND n = :10", "s = :hel OR n = :10", "NOT (s = :hel AND n = :10)",
    "s = :hello OR s = :hel AND n = :9",      # AND binds tighter
    "NOT s = :hel AND n = :10",               # NOT binds tightest
    "NOT s = :hello OR n = :10",
    "(s = :hello OR s = :hel) AND (n = :10 OR n = :9)", "(s = :hello)",
    "NOT (NOT s = :hello)",
    # spelling
    "s=:hello", "n>=:10 and n<=:11", "n between :9 and :11", "not s = :hel", "n in (:10)",
    "s = :hel or n = :10", "\ts\n=\r\n:hello ", "NoT s = :hel",
]

FAILS = [
    "s = :hel", "n = :9", "n = :s10", "s = :10", "ss = :ss3", "l = :lx", "absent = :hello",
    "yes = :false", "s <> :hello", "ten <> :10", "ss <> :ss",
    "n < :10", "n > :10", "n < :neg5", "s < :hello", "absent < :10", "absent >= :10", "s < :10",
    "s > :10", "b < :hello", "absent BETWEEN :9 AND :11", "n BETWEEN :11 AND n2", "s IN (:hel, :x)",
    "absent IN (:hello)",
    "attribute_exists(absent)", "attribute_exists(m.x)", "attribute_exists(l[4])",
    "attribute_not_exists(s)", "attribute_not_exists(m.b.d[0])",
    "attribute_type(s, :N)", "attribute_type(absent, :S)",
    "begins_with(s, :ell)", "begins_with(n, :hel)", "begins_with(absent, :hel)",
    "begins_with(b, :hel)",
    "contains(s, :z)", "contains(ss, :z)", "contains(ns, :a)", "contains(n, :10)",
    "contains(absent, :a)", "contains(m, :a)", "contains(l, :z)",
    "size(n) = :2", "size(yes) = :1", "size(absent) = :0",
    "NOT s = :hello", "s = :hel AND n = :10", "s = :hel OR n = :9",
    "(s = :hello OR s = :hel) AND n = :9",
]


@pytest.fixture(scope="module")
def item_key(table_s):
    key = {"p": S(unique())}
    table_s.put(key | ITEM)
    return key


def used(expression):
    """The values the expression names; DynamoDB refuses any it does not use."""
    import re

    return {name: V[name] for name in re.findall(r":\w+", expression)} or None


@pytest.mark.parametrize("condition", HOLDS)
def test_a_condition_holds(table_s, item_key, condition):
    table_s.update(item_key, condition=condition, values=used(condition))


@pytest.mark.parametrize("condition", FAILS)
def test_a_condition_fails(table_s, item_key, condition):
    with refused(CONDITION_FAILED, "The conditional request failed"):
        table_s.update(item_key, condition=condition, values=used(condition))


# What a condition guards


def test_a_failed_put_changes_nothing(table_s, key):
    table_s.put(key | {"a": N(1)})
    with refused(CONDITION_FAILED):
        table_s.put(key | {"a": N(2)}, condition="attribute_not_exists(p)")
    assert table_s.get(key) == key | {"a": N(1)}


def test_a_failed_delete_changes_nothing(table_s, key):
    table_s.put(key | {"a": N(1)})
    with refused(CONDITION_FAILED):
        table_s.delete(key, condition="a = :v", values={":v": N(2)})
    assert table_s.get(key) == key | {"a": N(1)}


def test_a_failed_update_changes_nothing(table_s, key):
    table_s.put(key | {"a": N(1)})
    with refused(CONDITION_FAILED):
        table_s.update(key, "SET a = a + :v", condition="a > :v", values={":v": N(1)})
    assert table_s.get(key) == key | {"a": N(1)}


def test_only_the_first_of_many_creates(loose, table_s, key):
    from concurrent.futures import ThreadPoolExecutor

    from botocore.exceptions import ClientError

    def create(number):
        try:
            table_s.put(key | {"n": N(number)}, condition="attribute_not_exists(p)")
            return number
        except ClientError as error:
            assert error.response["Error"]["Code"] == CONDITION_FAILED
            return None

    with ThreadPoolExecutor(16) as threads:
        won = [number for number in threads.map(create, range(64)) if number is not None]
    assert len(won) == 1
    assert table_s.get(key)["n"] == N(won[0])


def test_increments_at_once_all_count(table_s, key):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: table_s.update(key, "ADD n :1", values={":1": N(1)}), range(200)))
    assert table_s.get(key)["n"] == N(200)


def test_the_condition_sees_the_item_before_the_update(table_s, key):
    table_s.put(key | {"a": N(1)})
    table_s.update(key, "SET a = :two", condition="a = :one", values={":one": N(1), ":two": N(2)})
    assert table_s.get(key)["a"] == N(2)


def test_a_condition_may_look_at_the_key(table_s, key):
    table_s.put(key)
    table_s.put(key, condition="p = :p", values={":p": key["p"]})


# What is refused


@pytest.mark.parametrize(
    "condition, values, message",
    [
        ("", None, "The expression can not be empty;"),
        ("((a = :v))", {":v": N(1)}, "The expression has redundant parentheses;"),
        ("foo(a)", None, "Invalid function name; function: foo"),
        ("ATTRIBUTE_EXISTS(a)", None, "Invalid function name; function: ATTRIBUTE_EXISTS"),
        ("size(a)", None,
         "The function is not allowed to be used this way in an expression; function: size"),
        ("attribute_exists(a) = :v", {":v": BOOL(True)},
         "The function is not allowed to be used this way in an expression; "
         "function: attribute_exists"),
        ("attribute_exists(a, b)", None,
         "Incorrect number of operands for operator or function; "
         "operator or function: attribute_exists, number of operands: 2"),
        ("begins_with(a)", None,
         "Incorrect number of operands for operator or function; "
         "operator or function: begins_with, number of operands: 1"),
        ("attribute_exists(:v)", {":v": S("a")},
         "Operator or function requires a document path; operator or function: attribute_exists"),
        ("begins_with(a, :v)", {":v": N(1)},
         "Incorrect operand type for operator or function; "
         "operator or function: begins_with, operand type: N"),
        ("attribute_type(a, :v)", {":v": N(1)},
         "Incorrect operand type for operator or function; "
         "operator or function: attribute_type, operand type: N"),
        ("size(:v) = :v", {":v": N(1)},
         "Incorrect operand type for operator or function; "
         "operator or function: size, operand type: N"),
        ("a = a", None,
         "The first operand must be distinct from the remaining operands for this operator or "
         "function; operator: =, first operand: [a]"),
        ("contains(m.a, m.a)", None,
         "The first operand must be distinct from the remaining operands for this operator or "
         "function; operator: contains, first operand: [m, a]"),
        ("a BETWEEN :v AND :w", {":v": N(2), ":w": N(1)},
         "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
         "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"),
        ("a BETWEEN :v AND :w", {":v": B(b"z"), ":w": B(b"a")},
         "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
         "lower bound operand: AttributeValue: {B:eg==}, "
         "upper bound operand: AttributeValue: {B:YQ==}"),
        ("a BETWEEN :v AND :w", {":v": N(1), ":w": S("b")},
         "The BETWEEN operator requires same data type for lower and upper bounds; "
         "lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:b}"),
    ],
    ids=lambda v: str(v)[:32],
)
def test_a_wrong_condition_is_refused(table_s, key, condition, values, message):
    with counted(PREFIX + message):
        table_s.put(key, condition=condition, values=values)
    assert table_s.get(key) is None


@pytest.mark.parametrize(
    "condition, values, part",
    [
        ("attribute_type(a, :v)", {":v": S("STRING")}, "Invalid attribute type name found; type: STRING"),
        ("a < :v", {":v": BOOL(True)}, "Incorrect operand type for operator or function; operator"),
        ("a < :v", {":v": L()}, "Incorrect operand type for operator or function; operator"),
        ("a >= :v", {":v": SS("a")}, "Incorrect operand type for operator or function; operator"),
        ("a BETWEEN :v AND :v", {":v": NULL}, "operand"),
        ("a IN (" + ", ".join(f":v{i}" for i in range(101)) + ")",
         {f":v{i}": N(i) for i in range(101)}, "IN"),
        ("a = :v OR " * 60 + "attribute_exists(" + "b" * 3800 + ")", {":v": N(1)},
         "Expression size has exceeded the maximum allowed size; expression size: 4418"),
    ],
    ids=lambda v: str(v)[:24],
)
def test_a_wrong_condition_is_refused_in_about_these_words(table_s, key, condition, values, part):
    with refused(VALIDATION, contains=part):
        table_s.put(key, condition=condition, values=values)


@pytest.mark.parametrize(
    "condition",
    ["a", "a =", "= a", "a = = b", "a b", "a = b c", "(a = b", "a = b)", "a AND", "AND a = b",
     "NOT", "a == b", "a != b", "a = 1", "a = 'x'", 'a = "x"', "a = b, c = d", "a IN ()", "a IN b",
     "a BETWEEN b", "a BETWEEN b OR c", "f(", "a.", ".a", "a..b = c", "a[] = b", "a[-1] = b",
     "a[x] = b", "a[1 = b", "a[1.5] = b", "#", ":", "a = ::b", "a & b", "a = b;", "?", "💥",
     "a = b -- c", "1a = b", "a.1b = c", "attribute_exists()", "a =! b"],
)
def test_what_does_not_parse_is_a_syntax_error(table_s, key, condition):
    with refused(VALIDATION, contains=PREFIX):
        table_s.put(key, condition=condition)


def test_a_syntax_error_names_token_and_place(table_s, key):
    with refused(VALIDATION, contains=PREFIX + 'Syntax error; token: "'):
        table_s.put(key, condition="a = = b")
    with refused(VALIDATION, contains='", near: "'):
        table_s.put(key, condition="a b")


@pytest.mark.parametrize("deep", ["(" * 2000 + "a = b" + ")" * 2000, "NOT " * 900 + "a = b",
                                  "a" + ".b" * 1500 + " = c"], ids=["parens", "not", "path"])
def test_deep_nesting_is_refused_and_harmless(table_s, key, deep):
    with refused(VALIDATION):
        table_s.put(key, condition=deep)


def test_a_long_chain_within_the_limits_is_fine(table_s, key):
    table_s.put(key)
    condition = " OR ".join(f"a = :v{i}" for i in range(99)) + " OR attribute_exists(p)"
    table_s.put(key, condition=condition, values={f":v{i}": N(i) for i in range(99)})
