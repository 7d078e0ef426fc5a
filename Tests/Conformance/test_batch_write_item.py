"""BatchWriteItem."""

import pytest

from support import (
    N, NOT_FOUND, S, VALIDATION, invalid, refused, unique,
)


def put(item):
    return {"PutRequest": {"Item": item}}


def delete(key):
    return {"DeleteRequest": {"Key": key}}


def write(loose, requests, **rest):
    return loose.batch_write_item(RequestItems=requests, **rest)


def new_keys(count):
    return [{"p": S(unique())} for _ in range(count)]


def test_items_are_put(loose, table_s):
    keys = new_keys(25)
    answer = write(loose, {table_s.name: [put(key | {"n": N(n)}) for n, key in enumerate(keys)]})
    assert answer["UnprocessedItems"] == {}
    for n, key in enumerate(keys):
        assert table_s.get(key) == key | {"n": N(n)}


def test_puts_and_deletes_mix(loose, table_s):
    old, new = new_keys(2)
    table_s.put(old)
    write(loose, {table_s.name: [delete(old), put(new)]})
    assert table_s.get(old) is None
    assert table_s.get(new) == new


def test_a_put_replaces(loose, table_s, key):
    table_s.put(key | {"a": N(1), "b": N(2)})
    write(loose, {table_s.name: [put(key | {"a": N(3)})]})
    assert table_s.get(key) == key | {"a": N(3)}


def test_a_delete_of_nothing_succeeds(loose, table_s, key):
    assert write(loose, {table_s.name: [delete(key)]})["UnprocessedItems"] == {}


def test_several_tables_in_one_batch(loose, table_s, table_ss, key):
    other = {"p": S(unique()), "c": S("c")}
    write(loose, {table_s.name: [put(key)], table_ss.name: [put(other)]})
    assert table_s.get(key) == key
    assert table_ss.get(other) == other


def test_the_resources_writer_writes_many(resource, table_s):
    prefix = unique()
    table = resource.Table(table_s.name)
    with table.batch_writer() as batch:
        for n in range(60):
            batch.put_item(Item={"p": f"{prefix}-{n}", "n": n})
    for n in (0, 31, 59):
        assert table.get_item(Key={"p": f"{prefix}-{n}"}, ConsistentRead=True)["Item"]["n"] == n


# Refused, and nothing of the batch is written


def test_25_requests_are_the_most(loose, table_s):
    keys = new_keys(26)
    with refused(VALIDATION, contains="less than or equal to 25"):
        write(loose, {table_s.name: [put(key) for key in keys]})
    assert table_s.get(keys[0]) is None


def test_25_requests_are_the_most_over_all_tables(loose, table_s, table_ss):
    keys = new_keys(13)
    with refused(VALIDATION, contains="Too many items requested for the BatchWriteItem call"):
        write(loose, {
            table_s.name: [put(key) for key in keys],
            table_ss.name: [put(key | {"c": S("c")}) for key in keys],
        })
    assert table_s.get(keys[0]) is None


@pytest.mark.parametrize("twice", [
    lambda key: [put(key), put(key | {"a": N(1)})],
    lambda key: [put(key), delete(key)],
    lambda key: [delete(key), delete(key)],
], ids=["put-put", "put-delete", "delete-delete"])
def test_the_same_key_twice_is_refused(loose, table_s, key, twice):
    with invalid("Provided list of item keys contains duplicates"):
        write(loose, {table_s.name: twice(key)})
    assert table_s.get(key) is None


def test_the_same_key_in_two_tables_is_fine(loose, tables, table_s, key):
    other = tables.create()
    write(loose, {table_s.name: [put(key)], other.name: [put(key)]})
    assert other.get(key) == key


def test_no_tables_are_refused(loose):
    with invalid("The requestItems parameter is required for BatchWriteItem"):
        write(loose, {})


def test_no_request_is_refused(raw):
    response = raw.call("BatchWriteItem", {})
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == (
        "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_no_requests_for_a_table_are_refused(loose, table_s):
    with refused(VALIDATION, contains="greater than or equal to 1"):
        write(loose, {table_s.name: []})


@pytest.mark.parametrize("request_", [{}, {"PutRequest": {"Item": {"p": S("a")}},
                                           "DeleteRequest": {"Key": {"p": S("a")}}}],
                         ids=["neither", "both"])
def test_a_request_puts_or_deletes(loose, table_s, request_):
    with refused(VALIDATION):
        write(loose, {table_s.name: [request_]})


def test_a_table_that_is_not_there_fails_the_batch(loose, table_s, key):
    with refused(NOT_FOUND, contains="Requested resource not found"):
        write(loose, {table_s.name: [put(key)], unique("none-"): [put(key)]})
    assert table_s.get(key) is None


@pytest.mark.parametrize(
    "wrong, message",
    [
        (put({"a": N(1)}), "The provided key element does not match the schema"),
        (put({"p": N(1)}), "The provided key element does not match the schema"),
        (put({"p": S("")}), "empty string value. Key: p"),
        (put({"p": S("a"), "n": {"N": "x"}}),
         "The parameter cannot be converted to a numeric value: x"),
        (delete({"q": S("a")}), "The provided key element does not match the schema"),
        (delete({"p": S("a"), "c": S("a")}), "The provided key element does not match the schema"),
        (put({"p": S("x" * 2049)}), "Size of hashkey has exceeded the maximum size limit"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_one_wrong_request_fails_the_batch(loose, table_s, key, wrong, message):
    with refused(VALIDATION, contains=message):
        write(loose, {table_s.name: [put(key), wrong]})
    assert table_s.get(key) is None
