"""BatchGetItem."""

import pytest

from support import N, NOT_FOUND, S, VALIDATION, counted, invalid, refused, unique


def get(loose, requests, **rest):
    return loose.batch_get_item(RequestItems=requests, **rest)


@pytest.fixture
def keys(table_s):
    made = [{"p": S(unique())} for _ in range(10)]
    table_s.fill([key | {"n": N(n)} for n, key in enumerate(made)])
    return made


def test_items_are_found_in_any_order(loose, table_s, keys):
    answer = get(loose, {table_s.name: {"Keys": keys, "ConsistentRead": True}})
    found = answer["Responses"][table_s.name]
    assert sorted(int(item["n"]["N"]) for item in found) == list(range(10))
    assert answer["UnprocessedKeys"] == {}


def test_items_that_are_not_there_are_left_out(loose, table_s, keys):
    answer = get(loose, {table_s.name: {"Keys": [keys[0], {"p": S(unique())}]}})
    assert answer["Responses"][table_s.name] == [keys[0] | {"n": N(0)}]


def test_nothing_found_is_an_empty_list(loose, table_s):
    answer = get(loose, {table_s.name: {"Keys": [{"p": S(unique())}]}})
    assert answer["Responses"] == {table_s.name: []}


def test_several_tables_in_one_batch(loose, table_s, table_ss, keys):
    other = {"p": S(unique()), "c": S("c")}
    table_ss.put(other)
    answer = get(loose, {table_s.name: {"Keys": keys[:1]}, table_ss.name: {"Keys": [other]}})
    assert answer["Responses"] == {table_s.name: [keys[0] | {"n": N(0)}], table_ss.name: [other]}


def test_a_hundred_keys_are_the_most(loose, table_s):
    many = [{"p": S(unique())} for _ in range(100)]
    table_s.fill(many)
    assert len(get(loose, {table_s.name: {"Keys": many}})["Responses"][table_s.name]) == 100
    with refused(VALIDATION, contains="Member must have length less than or equal to 100"):
        get(loose, {table_s.name: {"Keys": many + [{"p": S(unique())}]}})


def test_a_hundred_keys_are_the_most_over_all_tables(loose, table_s, table_ss):
    with invalid("Too many items requested for the BatchGetItem call"):
        get(loose, {
            table_s.name: {"Keys": [{"p": S(unique())} for _ in range(60)]},
            table_ss.name: {"Keys": [{"p": S(unique()), "c": S("c")} for _ in range(60)]},
        })


def test_the_same_key_twice_is_refused(loose, table_s, keys):
    with invalid("Provided list of item keys contains duplicates"):
        get(loose, {table_s.name: {"Keys": [keys[0], keys[1], keys[0]]}})


def test_the_same_number_twice_is_the_same_key(loose, table_n):
    with invalid("Provided list of item keys contains duplicates"):
        get(loose, {table_n.name: {"Keys": [{"p": N("1")}, {"p": N("1.0")}]}})


@pytest.mark.heavy
def test_an_answer_holds_16_megabytes_and_names_the_rest(loose, tables):
    table = tables.create()
    many = [{"p": S(str(n))} for n in range(50)]
    for key in many:
        table.put(key | {"fill": S("x" * 390_000)})
    answer = get(loose, {table.name: {"Keys": many, "ConsistentRead": True}})
    first = answer["Responses"][table.name]
    assert 0 < len(first) < 50
    left = answer["UnprocessedKeys"]
    assert left[table.name]["ConsistentRead"] is True
    assert len(left[table.name]["Keys"]) == 50 - len(first)
    found = {item["p"]["S"] for item in first}
    while left:
        answer = get(loose, left)
        found |= {item["p"]["S"] for item in answer["Responses"][table.name]}
        left = answer["UnprocessedKeys"]
    assert found == {str(n) for n in range(50)}


def test_no_tables_are_refused(loose):
    with counted(
        "Value at 'RequestItems' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    ):
        get(loose, {})


def test_no_request_is_refused(raw):
    response = raw.call("BatchGetItem", {})
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == (
        "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_no_keys_are_refused(loose, table_s):
    with refused(VALIDATION, contains="Member must have length greater than or equal to 1"):
        get(loose, {table_s.name: {"Keys": []}})


def test_a_table_that_is_not_there_fails_the_batch(loose, table_s, keys):
    with refused(NOT_FOUND, contains="Requested resource not found"):
        get(loose, {table_s.name: {"Keys": keys[:1]}, unique("none-"): {"Keys": [{"p": S("a")}]}})


@pytest.mark.parametrize("wrong", [{}, {"q": S("a")}, {"p": N(1)}, {"p": S("a"), "c": S("b")}], ids=str)
def test_a_key_that_is_not_the_tables_is_refused(loose, table_s, keys, wrong):
    with refused(VALIDATION, contains="The provided key element does not match the schema"):
        get(loose, {table_s.name: {"Keys": [keys[0], wrong]}})


def test_an_empty_key_is_refused(loose, table_s):
    with refused(VALIDATION, contains="empty string value. Key: p"):
        get(loose, {table_s.name: {"Keys": [{"p": S("")}]}})
