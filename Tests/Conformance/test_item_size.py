"""The size of an item: at most 400 KB, names and values counted as DynamoDB counts them."""

import pytest

from support import B, L, M, N, S, SS, invalid, unique

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
    table_s.put(key | {"rest": S("y" * 100)})
    more = room - len("rest") - 100
    table_s.update(key, "SET a = :v", values={":v": S("x" * more)})
    assert len(table_s.get(key)["a"]["S"]) == more


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


# What an UpdateExpression says is bounded too, whatever comes of it: 3 bytes, 19 and a name for
# `SET a = :a`, and the value; the key and all that stays as it is do not count. So in a small item
# an update cannot fill the 400 KB.

SET_A = 3 + 19 + len("a")
SHORT = {"p": S("u")}


def said(clause):
    """The expression with `SET a = :a` before the clause."""
    if clause.startswith("SET "):
        return clause.replace("SET ", "SET a = :a, ", 1)
    return f"SET a = :a {clause}"


@pytest.mark.parametrize(
    "clause, before, values, bytes_said",
    [
        ("", {}, {}, 0),
        ("SET b = :b", {}, {":b": S("y" * 500)}, 19 + 1 + 500),
        ("SET b = :b, c = :b", {}, {":b": S("y" * 500)}, 2 * (19 + 1 + 500)),
        ("SET b = :b", {}, {":b": L(S("y" * 10))}, 19 + 1 + 3 + 1 + 10),
        ("SET m.leaf = :b", {"m": M(leaf=S("x"))}, {":b": S("y")}, 19 + 1 + (4 + 4) + 1),
        ("SET l[0] = :b", {"l": L(S("x"))}, {":b": S("y")}, 19 + 1 + (4 + 1) + 1),
        ("SET b = extra", {"extra": S("y" * 5)}, {}, 19 + 1 + 1 + (14 + 5)),
        ("SET b = m.leaf", {"m": M(leaf=S("y" * 5))}, {}, 19 + 1 + 1 + (14 + 1) + (14 + 4)),
        ("SET n = n + :n", {"n": N(10**20)}, {":n": N(1)}, 19 + 1 + 34 + (1 + 14 + 1) + 2),
        ("SET n = n - :n", {"n": N(1)}, {":n": N(1)}, 19 + 1 + 37 + (1 + 14 + 1) + 2),
        ("SET b = if_not_exists(b, :b)", {}, {":b": S("yy")}, 19 + 1 + 39 + (1 + 14 + 1) + 2),
        (
            "SET l = list_append(l, :l)",
            {"l": L(S("x"))},
            {":l": L(S("yy"))},
            19 + 1 + 37 + (1 + 14 + 1) + (3 + 1 + 2),
        ),
        ("REMOVE extra", {"extra": S("y" * 50)}, {}, 1 + 5),
        ("REMOVE m.leaf", {"m": M(leaf=S("y"))}, {}, 1 + 1 + (4 + 4)),
        ("REMOVE l[10]", {"l": L(*[S("y")] * 11)}, {}, 1 + 1 + (4 + 2)),
        ("ADD n :n", {"n": N(1)}, {":n": N(1)}, 19 + 1 + 2),
        ("ADD s :s", {"s": SS("x")}, {":s": SS("x", "y" * 500)}, 19 + 1 + 500),
        ("DELETE s :s", {"s": SS("x", "y" * 20)}, {":s": SS("y" * 20)}, 1 + 1),
    ],
    ids=lambda value: value.replace(" ", "") if isinstance(value, str) else "",
)
def test_what_an_update_says_has_a_bound(tables, clause, before, values, bytes_said):
    table = tables.create()
    room = LIMIT - SET_A - bytes_said
    for more in (1, 0):
        table.put(SHORT | before)
        change = {":a": S("x" * (room + more))} | values
        if more:
            with invalid(UPDATE_TOO_LARGE):
                table.update(SHORT, said(clause), values=change)
            assert table.get(SHORT) == SHORT | before
        else:
            table.update(SHORT, said(clause), values=change)
            assert len(table.get(SHORT)["a"]["S"]) == room


def test_what_an_update_says_is_measured_before_its_condition(table_s, key):
    values = {":a": S("x" * (LIMIT - SET_A + 1)), ":b": S("b")}
    with invalid(UPDATE_TOO_LARGE):
        table_s.update(key, "SET a = :a", condition="p = :b", values=values)


def test_other_updates_are_bounded_by_what_comes_of_them(loose, tables):
    table = tables.create()
    value = S("x" * (LIMIT - len("p") - len("u") - len("a")))
    put = {"Action": "PUT", "Value": value}
    loose.update_item(TableName=table.name, Key=SHORT, AttributeUpdates={"a": put})
    assert table.get(SHORT) == SHORT | {"a": value}
    table.put(SHORT)
    statement = f"UPDATE \"{table.name}\" SET a = ? WHERE p = 'u'"
    loose.execute_statement(Statement=statement, Parameters=[value])
    assert table.get(SHORT) == SHORT | {"a": value}
    table.put(SHORT)
    update = {
        "TableName": table.name,
        "Key": SHORT,
        "UpdateExpression": "SET a = :a",
        "ExpressionAttributeValues": {":a": value},
    }
    loose.transact_write_items(TransactItems=[{"Update": update}])
    assert table.get(SHORT) == SHORT | {"a": value}
