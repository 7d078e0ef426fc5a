"""Query: order, limits, pages, filters, and what is counted."""

import pytest

from support import (
    N, NOT_FOUND, S, Table, VALIDATION, constraint, counted, invalid, refused, unique,
)

COUNT = 30


@pytest.fixture(scope="module")
def numbers(table_sn):
    """The partition key of thirty items, `c` from 0, `even` telling its parity."""
    p = S(unique())
    table_sn.fill([{"p": p, "c": N(c), "even": N(1 - c % 2), "t": S(f"t{c}")} for c in range(COUNT)])
    return p


def cs(answer):
    return [int(item["c"]["N"]) for item in answer["Items"]]


def test_an_empty_partition_answers_no_items(table_sn):
    found = table_sn.query("p = :p", values={":p": S(unique())})
    assert found["Items"] == []
    assert found["Count"] == found["ScannedCount"] == 0
    assert "LastEvaluatedKey" not in found


def test_items_come_in_order(table_sn, numbers):
    assert cs(table_sn.query("p = :p", values={":p": numbers})) == list(range(COUNT))


def test_items_come_backwards_if_asked(table_sn, numbers):
    found = table_sn.query("p = :p", values={":p": numbers}, ScanIndexForward=False)
    assert cs(found) == list(range(COUNT))[::-1]


def test_a_query_on_a_table_without_sort_key_finds_the_item(table_s, key):
    table_s.put(key | {"a": N(1)})
    assert table_s.query("p = :p", values={":p": key["p"]})["Items"] == [key | {"a": N(1)}]


@pytest.mark.parametrize("consistent", [True, False])
def test_a_query_sees_what_was_written_before_it(table_sn, consistent):
    p = S(unique())
    for c in range(5):
        table_sn.put({"p": p, "c": N(c)})
        found = table_sn.query("p = :p", values={":p": p}, ConsistentRead=consistent)
        assert found["Count"] == c + 1


def test_deleted_items_are_not_found(table_sn):
    p = S(unique())
    table_sn.fill([{"p": p, "c": N(c)} for c in range(5)])
    table_sn.delete({"p": p, "c": N(2)})
    found = table_sn.query("p = :p", values={":p": p})
    assert cs(found) == [0, 1, 3, 4]
    assert found["ScannedCount"] == 4


# Limit and pages


@pytest.mark.parametrize("limit", [1, 7, COUNT - 1])
def test_a_limit_bounds_the_page(table_sn, numbers, limit):
    found = table_sn.query("p = :p", values={":p": numbers}, Limit=limit)
    assert cs(found) == list(range(limit))
    assert found["LastEvaluatedKey"] == {"p": numbers, "c": N(limit - 1)}


def test_a_page_that_reaches_its_limit_has_a_last_key_even_at_the_end(table_sn, numbers):
    found = table_sn.query("p = :p", values={":p": numbers}, Limit=COUNT)
    assert found["LastEvaluatedKey"] == {"p": numbers, "c": N(COUNT - 1)}
    after = table_sn.query(
        "p = :p", values={":p": numbers}, ExclusiveStartKey=found["LastEvaluatedKey"]
    )
    assert after["Items"] == []
    assert "LastEvaluatedKey" not in after


def test_a_limit_beyond_the_end_has_no_last_key(table_sn, numbers):
    found = table_sn.query("p = :p", values={":p": numbers}, Limit=COUNT + 1)
    assert "LastEvaluatedKey" not in found


@pytest.mark.parametrize("limit", [1, 4, 7, 30])
@pytest.mark.parametrize("forward", [True, False])
def test_pages_join_up(table_sn, numbers, limit, forward):
    items, pages = table_sn.all_pages(
        table_sn.query, condition="p = :p", values={":p": numbers}, Limit=limit,
        ScanIndexForward=forward,
    )
    expected = list(range(COUNT))
    assert [int(item["c"]["N"]) for item in items] == (expected if forward else expected[::-1])
    assert pages >= COUNT // limit


def test_pages_join_up_within_a_range(table_sn, numbers):
    items, _ = table_sn.all_pages(
        table_sn.query, condition="p = :p AND c BETWEEN :a AND :b",
        values={":p": numbers, ":a": N(5), ":b": N(14)}, Limit=3,
    )
    assert [int(item["c"]["N"]) for item in items] == list(range(5, 15))


def test_a_page_may_start_where_no_item_is(table_sn, numbers):
    found = table_sn.query(
        "p = :p", values={":p": numbers}, ExclusiveStartKey={"p": numbers, "c": N("10.5")}
    )
    assert cs(found) == list(range(11, COUNT))


@pytest.mark.parametrize("forward", [True, False])
def test_a_page_holds_a_megabyte(tables, forward):
    table = tables.create("S", "N")
    p = S("a")
    for c in range(15):
        table.put({"p": p, "c": N(c), "fill": S("x" * 100_000)})
    found = table.query("p = :p", values={":p": p}, ScanIndexForward=forward)
    assert 9 <= found["Count"] <= 11
    assert "LastEvaluatedKey" in found
    items, pages = table.all_pages(
        table.query, condition="p = :p", values={":p": p}, ScanIndexForward=forward
    )
    assert pages == 2
    assert [int(i["c"]["N"]) for i in items] == list(range(15))[:: 1 if forward else -1]


def test_the_megabyte_is_counted_before_filter_and_projection(tables):
    table = tables.create("S", "N")
    p = S("a")
    for c in range(15):
        table.put({"p": p, "c": N(c), "fill": S("x" * 100_000)})
    found = table.query("p = :p", values={":p": p, ":n": N(14)}, filter="n = :n", projection="c")
    assert found["Items"] == []
    assert 9 <= found["ScannedCount"] <= 11
    assert "LastEvaluatedKey" in found
    counted = table.query("p = :p", values={":p": p}, Select="COUNT")
    assert 9 <= counted["Count"] <= 11
    assert "LastEvaluatedKey" in counted


# Filters


def test_a_filter_counts_what_it_saw(table_sn, numbers):
    found = table_sn.query("p = :p", values={":p": numbers, ":one": N(1)}, filter="even = :one")
    assert cs(found) == list(range(0, COUNT, 2))
    assert (found["Count"], found["ScannedCount"]) == (COUNT // 2, COUNT)


def test_a_limit_counts_before_the_filter(table_sn, numbers):
    found = table_sn.query(
        "p = :p", values={":p": numbers, ":one": N(1)}, filter="even = :one", Limit=5
    )
    assert cs(found) == [0, 2, 4]
    assert (found["Count"], found["ScannedCount"]) == (3, 5)
    assert found["LastEvaluatedKey"] == {"p": numbers, "c": N(4)}


def test_a_page_may_be_empty_and_go_on(table_sn, numbers):
    found = table_sn.query(
        "p = :p", values={":p": numbers, ":t": S("t29")}, filter="t = :t", Limit=5
    )
    assert found["Items"] == []
    assert found["LastEvaluatedKey"] == {"p": numbers, "c": N(4)}
    items, _ = table_sn.all_pages(
        table_sn.query, condition="p = :p", values={":p": numbers, ":t": S("t29")},
        filter="t = :t", Limit=5,
    )
    assert [int(item["c"]["N"]) for item in items] == [29]


@pytest.mark.parametrize("attribute", ["p", "c"])
def test_a_filter_does_not_look_at_the_key(table_sn, numbers, attribute):
    with invalid(
        "Filter Expression can only contain non-primary key attributes: "
        f"Primary key attribute: {attribute}"
    ):
        table_sn.query(
            "p = :p", values={":p": numbers}, filter=f"attribute_exists({attribute})"
        )


@pytest.mark.parametrize("wrong", ["", "a", "even =", "foo(even)", "a = a"])
def test_a_wrong_filter_is_refused(table_sn, numbers, wrong):
    with refused(VALIDATION, contains="Invalid FilterExpression: "):
        table_sn.query("p = :p", values={":p": numbers}, filter=wrong)


# Select


def test_count_answers_no_items(table_sn, numbers):
    found = table_sn.query("p = :p", values={":p": numbers}, Select="COUNT")
    assert "Items" not in found
    assert found["Count"] == found["ScannedCount"] == COUNT


def test_count_counts_what_passes_the_filter(table_sn, numbers):
    found = table_sn.query(
        "p = :p", values={":p": numbers, ":o": N(1)}, filter="even = :o", Select="COUNT"
    )
    assert (found["Count"], found["ScannedCount"]) == (COUNT // 2, COUNT)


def test_all_attributes_is_the_default(table_sn, numbers):
    plain = table_sn.query("p = :p", values={":p": numbers}, Limit=3)
    asked = table_sn.query("p = :p", values={":p": numbers}, Limit=3, Select="ALL_ATTRIBUTES")
    assert plain["Items"] == asked["Items"]


def test_specific_attributes_goes_with_a_projection(table_sn, numbers):
    found = table_sn.query(
        "p = :p", values={":p": numbers}, Limit=1, Select="SPECIFIC_ATTRIBUTES", projection="t"
    )
    assert found["Items"] == [{"t": S("t0")}]


@pytest.mark.parametrize("select, projection", [
    ("SPECIFIC_ATTRIBUTES", None), ("COUNT", "t"), ("ALL_ATTRIBUTES", "t"),
    ("ALL_PROJECTED_ATTRIBUTES", None),
])
def test_select_and_projection_must_agree(table_sn, numbers, select, projection):
    with refused(VALIDATION):
        table_sn.query("p = :p", values={":p": numbers}, Select=select, projection=projection)


def test_an_unknown_select_is_refused(table_sn, numbers):
    with constraint("SOME", "select", "Member must satisfy enum value set: ["):
        table_sn.query("p = :p", values={":p": numbers}, Select="SOME")


# What else is refused


def test_a_table_that_is_not_there_is_not_found(loose):
    with refused(NOT_FOUND, "Requested resource not found"):
        Table(loose, unique("none-")).query("p = :p", values={":p": S("a")})


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_one(table_sn, numbers, limit):
    with counted(
        "Value at 'Limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    ):
        table_sn.query("p = :p", values={":p": numbers}, Limit=limit)


@pytest.mark.parametrize(
    "start",
    [{}, {"p": S("a")}, {"c": N(1)}, {"p": S("a"), "c": N(1), "d": N(1)}, {"p": S("a"), "d": N(1)}],
    ids=str,
)
def test_a_start_key_that_is_no_key_is_refused(table_sn, numbers, start):
    with invalid("The provided starting key is invalid"):
        table_sn.query("p = :p", values={":p": numbers}, ExclusiveStartKey=start)


@pytest.mark.parametrize("start", [{"p": N(1), "c": N(1)}, {"p": S("a"), "c": S("1")}], ids=str)
def test_a_start_key_of_other_types_is_refused(table_sn, numbers, start):
    with invalid("The provided key element does not match the schema"):
        table_sn.query("p = :p", values={":p": numbers}, ExclusiveStartKey=start)


def test_a_start_key_of_another_partition_is_refused(table_sn, numbers):
    with invalid(
        "The provided starting key is outside query boundaries based on provided conditions"
    ):
        table_sn.query(
            "p = :p", values={":p": numbers}, ExclusiveStartKey={"p": S(unique()), "c": N(1)}
        )


def test_a_start_key_outside_the_range_is_refused(table_sn, numbers):
    with invalid("The provided starting key does not match the range key predicate"):
        table_sn.query(
            "p = :p AND c > :c", values={":p": numbers, ":c": N(10)},
            ExclusiveStartKey={"p": numbers, "c": N(5)},
        )


def test_a_start_key_of_another_partition_inside_the_range_is_refused(table_sn, numbers):
    with invalid("The query can return at most one row and cannot be restarted"):
        table_sn.query(
            "p = :p AND c > :c", values={":p": numbers, ":c": N(10)},
            ExclusiveStartKey={"p": S(unique()), "c": N(50)},
        )


def test_an_index_that_is_not_there_is_refused(table_sn, numbers):
    with refused(VALIDATION, contains="The table does not have the specified index"):
        table_sn.query("p = :p", values={":p": numbers}, IndexName="none")


def test_invalid_is_said_before_not_found(loose):
    # Form first: the table is not looked for while the request is wrong in itself.
    with refused(VALIDATION):
        Table(loose, unique("none-")).query("p = :p")
