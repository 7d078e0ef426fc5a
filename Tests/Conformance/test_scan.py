"""Scan: everything once, in pages, segments and filters."""

import pytest

from support import N, NOT_FOUND, S, Table, VALIDATION, constraint, invalid, refused, unique

COUNT = 60


@pytest.fixture(scope="module")
def filled(shared):
    """A table of sixty items in twenty partitions."""
    table = shared.create("S", "N")
    table.fill([
        {"p": S(f"p{n % 20}"), "c": N(n), "n": N(n), "even": N(1 - n % 2)} for n in range(COUNT)
    ])
    return table


def ns(items):
    return sorted(int(item["n"]["N"]) for item in items)


def test_an_empty_table_has_nothing(tables):
    found = tables.create().scan()
    assert found["Items"] == []
    assert found["Count"] == found["ScannedCount"] == 0
    assert "LastEvaluatedKey" not in found


def test_a_scan_finds_everything_once(filled):
    found = filled.scan()
    assert ns(found["Items"]) == list(range(COUNT))
    assert found["Count"] == found["ScannedCount"] == COUNT
    assert "LastEvaluatedKey" not in found


def test_a_scan_keeps_partitions_together_and_in_order(filled):
    seen = {}
    order = []
    for item in filled.scan()["Items"]:
        seen.setdefault(item["p"]["S"], []).append(int(item["c"]["N"]))
        if not order or order[-1] != item["p"]["S"]:
            order.append(item["p"]["S"])
    assert len(order) == len(set(order))
    assert all(values == sorted(values) for values in seen.values())


def test_two_scans_see_the_same_order(filled):
    assert filled.scan()["Items"] == filled.scan()["Items"]


def test_deleted_items_are_not_found(tables):
    table = tables.create()
    table.fill([{"p": S(str(n)), "n": N(n)} for n in range(10)])
    table.delete({"p": S("3")})
    assert ns(table.scan()["Items"]) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("limit", [1, 7, 59, 60])
def test_pages_join_up(filled, limit):
    items, pages = filled.all_pages(filled.scan, Limit=limit)
    assert ns(items) == list(range(COUNT))
    assert pages >= COUNT // limit


def test_a_page_that_reaches_its_limit_has_a_last_key(filled):
    found = filled.scan(Limit=COUNT)
    last = found["Items"][-1]
    assert found["LastEvaluatedKey"] == {"p": last["p"], "c": last["c"]}
    assert "LastEvaluatedKey" not in filled.scan(Limit=COUNT + 1)


def test_a_scan_goes_on_after_a_key_that_is_gone(tables):
    table = tables.create()
    table.fill([{"p": S(str(n)), "n": N(n)} for n in range(10)])
    first = table.scan(Limit=4)
    table.delete(first["LastEvaluatedKey"])
    rest = table.scan(ExclusiveStartKey=first["LastEvaluatedKey"])
    assert ns(first["Items"] + rest["Items"]) == list(range(10))


@pytest.mark.heavy
def test_a_page_holds_a_megabyte(tables):
    table = tables.create()
    for n in range(25):
        table.put({"p": S(str(n)), "n": N(n), "fill": S("x" * 100_000)})
    first = table.scan()
    assert 9 <= first["Count"] <= 11
    assert "LastEvaluatedKey" in first
    items, pages = table.all_pages(table.scan, projection="n")
    assert ns(items) == list(range(25))
    assert pages == 3


# Filters and Select


def test_a_filter_counts_what_it_saw(filled):
    found = filled.scan(filter="even = :o AND n < :n", values={":o": N(1), ":n": N(10)})
    assert ns(found["Items"]) == [0, 2, 4, 6, 8]
    assert (found["Count"], found["ScannedCount"]) == (5, COUNT)


def test_a_limit_counts_before_the_filter(filled):
    found = filled.scan(filter="n < :z", values={":z": N(0)}, Limit=10)
    assert (found["Count"], found["ScannedCount"]) == (0, 10)
    assert "LastEvaluatedKey" in found


def test_a_scans_filter_may_look_at_the_key(filled):
    found = filled.scan(filter="p = :p AND c > :c", values={":p": S("p3"), ":c": N(3)})
    assert ns(found["Items"]) == [23, 43]


def test_count_answers_no_items(filled):
    found = filled.scan(Select="COUNT")
    assert "Items" not in found
    assert found["Count"] == COUNT


def test_a_projection_keeps_only_what_is_asked_for(filled):
    found = filled.scan(projection="n")
    assert all(set(item) == {"n"} for item in found["Items"])
    assert ns(found["Items"]) == list(range(COUNT))


def test_items_without_the_projected_attribute_are_empty(filled):
    found = filled.scan(projection="nothing_here")
    assert found["Items"] == [{}] * COUNT


@pytest.mark.parametrize("wrong", ["", "a =", "foo(a)"])
def test_a_wrong_filter_is_refused(filled, wrong):
    with refused(VALIDATION, contains="Invalid FilterExpression: "):
        filled.scan(filter=wrong)


# Segments


@pytest.mark.parametrize("total", [1, 2, 3, 7, 16, 100])
def test_segments_share_the_items(filled, total):
    found = []
    for segment in range(total):
        items, _ = filled.all_pages(filled.scan, Segment=segment, TotalSegments=total)
        found += items
    assert ns(found) == list(range(COUNT))


def test_segments_have_pages_too(filled):
    found = []
    for segment in range(3):
        items, _ = filled.all_pages(filled.scan, Segment=segment, TotalSegments=3, Limit=4)
        found += items
    assert ns(found) == list(range(COUNT))


def test_a_partition_is_in_one_segment(filled):
    home = {}
    for segment in range(4):
        for item in filled.scan(Segment=segment, TotalSegments=4)["Items"]:
            assert home.setdefault(item["p"]["S"], segment) == segment


def test_a_million_segments_are_the_most(filled):
    filled.scan(Segment=999_999, TotalSegments=1_000_000)
    with refused(VALIDATION, contains="Member must have value less than or equal to 1000000"):
        filled.scan(Segment=0, TotalSegments=1_000_001)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"Segment": 1},
         "The TotalSegments parameter is required but was not present in the request when Segment "
         "parameter is present"),
        ({"TotalSegments": 2},
         "The Segment parameter is required but was not present in the request when parameter "
         "TotalSegments is present"),
        ({"Segment": 2, "TotalSegments": 2},
         "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
         "Segment: 2 is not less than TotalSegments: 2"),
    ],
    ids=str,
)
def test_segment_and_total_go_together(filled, arguments, message):
    with invalid(message):
        filled.scan(**arguments)


@pytest.mark.parametrize("arguments, at, rule", [
    ({"Segment": -1, "TotalSegments": 2}, "segment", "greater than or equal to 0"),
    ({"Segment": 0, "TotalSegments": 0}, "totalSegments", "greater than or equal to 1"),
    ({"Limit": 0}, "limit", "greater than or equal to 1"),
])
def test_segments_and_limits_have_bounds(filled, arguments, at, rule):
    value = arguments[at[0].upper() + at[1:]]
    with constraint(value, at, f"Member must have value {rule}"):
        filled.scan(**arguments)


@pytest.mark.parametrize("start", [{"p": S("a")}, {"c": N(1)}, {"p": N(1), "c": N(1)}], ids=str)
def test_a_start_key_that_is_no_key_is_refused(filled, start):
    with refused(VALIDATION, contains="The provided starting key is invalid"):
        filled.scan(ExclusiveStartKey=start)


def test_a_table_that_is_not_there_is_not_found(loose):
    with refused(NOT_FOUND, "Requested resource not found"):
        Table(loose, unique("none-")).scan()
