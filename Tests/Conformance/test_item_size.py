"""The size of an item: at most 400 KB, names and values counted as DynamoDB counts them."""

import pytest

from support import B, N, S, invalid, unique

LIMIT = 400 * 1024
TOO_LARGE = "Item size has exceeded the maximum allowed size"
UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


@pytest.fixture
def room(key):
    """Bytes left for the value of attribute `a` in an item with this key."""
    return LIMIT - len("p") - len(key["p"]["S"]) - len("a")


def test_an_item_of_400_kb_is_taken(table_s, key, room):
    item = key | {"a": S("x" * room)}
    table_s.put(item)
    assert table_s.get(key) == item


def test_a_byte_more_is_too_much(table_s, key, room):
    with invalid(TOO_LARGE):
        table_s.put(key | {"a": S("x" * (room + 1))})
    assert table_s.get(key) is None


def test_binary_is_counted_in_its_own_bytes(table_s, key, room):
    table_s.put(key | {"a": B(b"x" * room)})
    with invalid(TOO_LARGE):
        table_s.put(key | {"a": B(b"x" * (room + 1))})


def test_text_is_counted_in_utf8(table_s, key, room):
    table_s.put(key | {"a": S("é" * (room // 2))})
    with invalid(TOO_LARGE):
        table_s.put(key | {"a": S("é" * (room // 2 + 1))})


def test_names_count(table_s, key):
    with invalid(TOO_LARGE):
        table_s.put(key | {f"{number:0>1000}": S("x") for number in range(410)})


def test_many_small_parts_count(table_s, key):
    with invalid(TOO_LARGE):
        table_s.put(key | {"a": {"L": [S("x" * 100)] * 4100}})


def test_an_update_may_fill_the_item(table_s, key, room):
    table_s.put(key)
    table_s.update(key, "SET a = :v", values={":v": S("x" * room)})
    assert len(table_s.get(key)["a"]["S"]) == room


def test_an_update_may_not_overfill_it(table_s, key, room):
    table_s.put(key | {"a": S("x" * (room - 10))})
    with invalid(UPDATE_TOO_LARGE):
        table_s.update(key, "SET b = :v", values={":v": S("x" * 20)})
    assert "b" not in table_s.get(key)


def test_an_update_cannot_double_a_list_beyond_it(table_s, key):
    table_s.put(key | {"l": {"L": [S("x" * 1000)] * 250}})
    with invalid(UPDATE_TOO_LARGE):
        table_s.update(key, "SET l = list_append(l, l)")
    assert len(table_s.get(key)["l"]["L"]) == 250


def test_a_full_item_can_shrink_and_go(table_s, key, room):
    table_s.put(key | {"a": S("x" * room)})
    table_s.update(key, "REMOVE a SET n = :n", values={":n": N(1)})
    assert table_s.get(key) == key | {"n": N(1)}
    table_s.delete(key)


def test_a_batch_refuses_an_item_that_is_too_large(loose, table_s):
    put = {"PutRequest": {"Item": {"p": S(unique()), "a": S("x" * LIMIT)}}}
    with invalid(TOO_LARGE):
        loose.batch_write_item(RequestItems={table_s.name: [put]})
