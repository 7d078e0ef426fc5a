"""Keys: types, sizes, emptiness, and what does not match the table's schema."""

import base64
import random

import pytest

from support import (
    B, BOOL, INVALID, L, M, N, NULL, S, SS, VALIDATION, invalid, refused, unique,
)

HASH_TOO_LONG = INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"
RANGE_TOO_LONG = (
    INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
)
NO_MATCH = "The provided key element does not match the schema"


# Every key type is a key of its own


def test_binary_keys_hold_any_bytes(table_b):
    for value in (b"\x00", b"\xff" * 10, bytes(range(256)), unique().encode()):
        table_b.put({"p": B(value), "a": S("x")})
        assert table_b.get({"p": B(value)}) == {"p": B(value), "a": S("x")}


@pytest.mark.parametrize("text", ["\u0000", "a\u0000b", "🚲", "é", "e\u0301", " ", "\n", "\uffff"])
def test_string_keys_hold_any_text(table_ss, text):
    p = unique()
    table_ss.put({"p": S(p), "c": S(text), "a": S("x")})
    assert table_ss.get({"p": S(p), "c": S(text)})["a"] == S("x")
    assert table_ss.query("p = :p", values={":p": S(p)})["Count"] == 1


def test_a_key_is_never_split_elsewhere(table_ss):
    # Neighbouring bytes move between partition and sort key; they stay different items.
    base = unique()
    pairs = [(base + "a", "bc"), (base + "ab", "c"), (base + "a\u0000", "bc"),
             (base + "a", "\u0000bc"), (base + "a\u0000b", "c")]
    for number, (p, c) in enumerate(pairs):
        table_ss.put({"p": S(p), "c": S(c), "n": N(number)})
    for number, (p, c) in enumerate(pairs):
        assert table_ss.get({"p": S(p), "c": S(c)})["n"] == N(number)


def test_string_keys_sort_by_their_utf8_bytes(table_ss):
    p = S(unique())
    keys = ["\u0000", "A", "Z", "a", "aa", "b", "z", "é", "ö", "\u07ff", "\uffff", "𐀀", "🚲"]
    for c in random.Random(1).sample(keys, len(keys)):
        table_ss.put({"p": p, "c": S(c)})
    found = [item["c"]["S"] for item in table_ss.query("p = :p", values={":p": p})["Items"]]
    assert found == sorted(keys, key=str.encode)


def test_binary_keys_sort_as_unsigned_bytes(table_sb):
    p = S(unique())
    keys = [b"\x00", b"\x00\x00", b"\x00\x01", b"\x01", b"\x7f", b"\x80", b"\xfe\xff", b"\xff",
            b"\xff\x00", b"\xff\xff"]
    for c in random.Random(2).sample(keys, len(keys)):
        table_sb.put({"p": p, "c": B(c)})
    found = [item["c"]["B"] for item in table_sb.query("p = :p", values={":p": p})["Items"]]
    assert found == sorted(keys)


# Sizes


def test_a_partition_key_may_have_2048_bytes(table_s):
    value = unique().ljust(2048, "x")
    table_s.put({"p": S(value)})
    assert table_s.get({"p": S(value)}) == {"p": S(value)}


@pytest.mark.parametrize("call", ["put", "get", "update", "delete"])
def test_a_longer_partition_key_is_refused(table_s, call):
    with invalid(HASH_TOO_LONG):
        getattr(table_s, call)({"p": S("x" * 2049)})


def test_a_key_is_measured_in_bytes(table_s):
    with invalid(HASH_TOO_LONG):
        table_s.put({"p": S("é" * 1025)})


def test_a_binary_partition_key_is_measured_too(table_b):
    table_b.put({"p": B(b"x" * 2048)})
    with invalid(HASH_TOO_LONG):
        table_b.put({"p": B(b"x" * 2049)})


def test_a_sort_key_may_have_1024_bytes(table_ss):
    key = {"p": S(unique()), "c": S("x" * 1024)}
    table_ss.put(key)
    assert table_ss.get(key) == key


@pytest.mark.parametrize("call", ["put", "get", "update", "delete"])
def test_a_longer_sort_key_is_refused(table_ss, call):
    with invalid(RANGE_TOO_LONG):
        getattr(table_ss, call)({"p": S("a"), "c": S("x" * 1025)})


def test_both_keys_may_be_as_long_as_they_can(table_ss):
    key = {"p": S(unique().ljust(2048, "x")), "c": S("y" * 1024)}
    table_ss.put(key | {"a": S("x")})
    assert table_ss.get(key)["a"] == S("x")
    found = table_ss.query("p = :p AND c = :c", values={":p": key["p"], ":c": key["c"]})
    assert found["Count"] == 1


# Empty


@pytest.mark.parametrize("call", ["put", "get", "update", "delete"])
def test_an_empty_string_is_no_key(table_s, call):
    with invalid(
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty string value. Key: p"
    ):
        getattr(table_s, call)({"p": S("")})


def test_an_empty_sort_key_is_no_key(table_ss):
    with invalid(
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty string value. Key: c"
    ):
        table_ss.put({"p": S("a"), "c": S("")})


@pytest.mark.parametrize("call", ["put", "get"])
def test_an_empty_binary_is_no_key(table_b, call):
    with invalid(
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty binary value. Key: p"
    ):
        getattr(table_b, call)({"p": B(b"")})


# What does not match


def test_an_item_needs_its_partition_key(table_s):
    with invalid(INVALID + "Missing the key p in the item"):
        table_s.put({"a": S("x")})


def test_an_item_needs_its_sort_key(table_ss):
    with invalid(INVALID + "Missing the key c in the item"):
        table_ss.put({"p": S("x")})


@pytest.mark.parametrize(
    "value, kind",
    [(N(1), "N"), (B(b"x"), "B"), (BOOL(True), "BOOL"), (NULL, "NULL"), (SS("x"), "SS"),
     (L(S("x")), "L"), (M(a=S("x")), "M")],
    ids=lambda v: str(v)[:12],
)
def test_a_key_of_another_type_is_refused(table_s, value, kind):
    with invalid(INVALID + f"Type mismatch for key p expected: S actual: {kind}"):
        table_s.put({"p": value})


def test_a_sort_key_of_another_type_is_refused(table_sn):
    with invalid(INVALID + "Type mismatch for key c expected: N actual: S"):
        table_sn.put({"p": S("a"), "c": S("1")})


@pytest.mark.parametrize("call", ["get", "update", "delete"])
@pytest.mark.parametrize(
    "wrong",
    [{}, {"q": S("a")}, {"p": N(1)}, {"p": S("a"), "q": S("b")}],
    ids=["none", "other-name", "other-type", "more"],
)
def test_a_key_that_is_not_the_tables_is_refused(table_s, call, wrong):
    with invalid(NO_MATCH):
        getattr(table_s, call)(wrong)


@pytest.mark.parametrize("call", ["get", "update", "delete"])
@pytest.mark.parametrize(
    "wrong", [{"p": S("a")}, {"p": S("a"), "c": N(1)}, {"c": S("a")}],
    ids=["half", "other-type", "other-half"],
)
def test_a_key_has_both_its_parts(table_ss, call, wrong):
    with invalid(NO_MATCH):
        getattr(table_ss, call)(wrong)


@pytest.mark.parametrize("call", ["get", "update", "delete"])
def test_a_bad_value_in_a_key_is_refused(table_n, call):
    with refused(VALIDATION, contains="cannot be converted to a numeric value"):
        getattr(table_n, call)({"p": N("abc")})


@pytest.mark.parametrize("expression", ["SET p = :v", "ADD p :v", "DELETE p :v"])
def test_an_update_leaves_the_key_alone(table_s, key, expression):
    value = {"SET": S("x"), "ADD": N(1), "DELETE": SS("x")}[expression.split()[0]]
    with invalid(INVALID + "Cannot update attribute p. This attribute is part of the key"):
        table_s.update(key, expression, values={":v": value})


def test_a_key_cannot_be_removed(table_ss):
    with invalid(INVALID + "Cannot update attribute c. This attribute is part of the key"):
        table_ss.update({"p": S("a"), "c": S("b")}, "REMOVE c")


def test_base64_that_is_none_is_refused(raw, table_b):
    for text in ("@@@@", "abc", "a" * 5, base64.b64encode(b"x").decode() + "!"):
        response = raw.call("GetItem", {"TableName": table_b.name, "Key": {"p": {"B": text}}})
        assert response.status == 400
        assert response.error in ("SerializationException", VALIDATION)
