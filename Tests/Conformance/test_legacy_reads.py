"""AttributesToGet and KeyConditions, and which parameters stand beside which."""

import pytest

from legacy import asks, mixing
from support import B, COUNTED, INVALID, M, N, S, SS, constraint, invalid, unique

COUNT = 12


def ats(answer, name="c"):
    return [item[name] for item in answer["Items"]]


@pytest.fixture(scope="module")
def words(table_ss):
    """The partition key of items with sort keys `000` to `011`."""
    p = S(unique())
    table_ss.fill([{"p": p, "c": S(f"{c:03}"), "n": N(c)} for c in range(COUNT)])
    return p


@pytest.fixture(scope="module")
def numbers(table_sn):
    """The partition key of items with sort keys 0 to 11."""
    p = S(unique())
    table_sn.fill([{"p": p, "c": N(c), "n": N(c)} for c in range(COUNT)])
    return p


# KeyConditions

RANGES = [
    ("EQ", [3], range(3, 4)), ("LT", [3], range(0, 3)), ("LE", [3], range(0, 4)),
    ("GT", [3], range(4, COUNT)), ("GE", [3], range(3, COUNT)), ("BETWEEN", [3, 5], range(3, 6)),
    ("BETWEEN", [3, 3], range(3, 4)), ("EQ", [99], range(0)), ("GT", [11], range(0)),
]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("operator, values, expected", RANGES, ids=str)
def test_key_conditions_bound_the_range(
    table_sn, numbers, table_ss, words, operator, values, expected, forward
):
    for table, p, value in (
        (table_sn, numbers, N), (table_ss, words, lambda c: S(f"{c:03}"))
    ):
        found = table.query(
            KeyConditions={"p": asks("EQ", p), "c": asks(operator, *map(value, values))},
            ScanIndexForward=forward,
        )
        assert ats(found, "n") == [N(c) for c in (expected if forward else expected[::-1])]


def test_key_conditions_read_a_partition(table_ss, words):
    assert table_ss.query(KeyConditions={"p": asks("EQ", words)})["Count"] == COUNT


def test_keys_begin_with_a_prefix(table_ss, words, table_sb):
    found = table_ss.query(
        KeyConditions={"p": asks("EQ", words), "c": asks("BEGINS_WITH", S("01"))}
    )
    assert ats(found) == [S("010"), S("011")]
    p = S(unique())
    table_sb.fill([{"p": p, "c": B(c)} for c in (b"a", b"ab", b"b")])
    found = table_sb.query(
        KeyConditions={"p": asks("EQ", p), "c": asks("BEGINS_WITH", B(b"a"))}
    )
    assert ats(found) == [B(b"a"), B(b"ab")]


def test_a_query_by_key_conditions_is_paged(table_ss, words):
    items, pages = table_ss.all_pages(
        table_ss.query, KeyConditions={"p": asks("EQ", words)}, Limit=5
    )
    assert (len(items), pages) == (COUNT, 3)


TYPES = INVALID + "Condition parameter type does not match schema type"
NOT_INDEXABLE = "Attempted conditional constraint is not an indexable operation"
LENGTH = "Conditions can be of length 1 or 2 only"


@pytest.mark.parametrize(
    "conditions, message",
    [
        ({}, LENGTH),
        ({"p": asks("EQ", S("a")), "c": asks("EQ", N(1)), "d": asks("EQ", N(1))}, LENGTH),
        ({"c": asks("EQ", N(1))}, "Query condition missed key schema element: p"),
        ({"p": asks("EQ", S("a")), "d": asks("EQ", N(1))},
         "Query condition missed key schema element: c"),
        ({"d": asks("NULL")}, "Query condition missed key schema element: p"),
        ({"p": asks("EQ", N(1))}, TYPES),
        ({"p": asks("EQ", SS("a"))}, TYPES),
        ({"p": asks("EQ", S("a")), "c": asks("EQ", S("a"))}, TYPES),
        ({"p": asks("EQ", S("a")), "c": asks("BEGINS_WITH", S("a"))}, TYPES),
        ({"p": asks("EQ", S("a")), "c": asks("BEGINS_WITH", N(1))},
         INVALID + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
    ]
    + [
        ({"p": asks(operator, S("a"))}, "Query key condition not supported")
        for operator in ("LT", "LE", "GT", "GE", "BEGINS_WITH")
    ]
    + [({"p": asks("BETWEEN", S("a"), S("b"))}, "Query key condition not supported")]
    + [
        ({"p": asks(operator, *values)}, NOT_INDEXABLE)
        for operator, values in (
            ("NE", [S("a")]), ("IN", [S("a")]), ("CONTAINS", [S("a")]),
            ("NOT_CONTAINS", [S("a")]), ("NULL", []), ("NOT_NULL", []),
        )
    ]
    + [
        ({"p": asks("EQ", S("a")), "c": asks(operator, *values)}, NOT_INDEXABLE)
        for operator, values in (("NE", [N(1)]), ("IN", [N(1)]), ("NULL", []))
    ],
    ids=lambda v: str(v)[:70],
)
def test_keys_that_a_query_cannot_read_are_refused(table_sn, conditions, message):
    with invalid(message):
        table_sn.query(KeyConditions=conditions)


def test_a_table_without_sort_key_takes_one_condition(table_s):
    with invalid("Query key condition not supported"):
        table_s.query(KeyConditions={"p": asks("EQ", S("a")), "c": asks("EQ", S("a"))})


@pytest.mark.parametrize("name", ["p", "c"])
def test_a_filter_on_the_key_is_refused(table_ss, words, name):
    with invalid(
        "QueryFilter can only contain non-primary key attributes: "
        f"Primary key attribute: {name}"
    ):
        table_ss.query(
            KeyConditions={"p": asks("EQ", words)},
            QueryFilter={"n": asks("NOT_NULL"), name: asks("NOT_NULL")},
        )


def test_a_query_needs_a_condition(table_ss):
    with invalid(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request."
    ):
        table_ss.query(QueryFilter={"a": asks("NULL")})


# AttributesToGet


@pytest.fixture(scope="module")
def stored(table_ss):
    key = {"p": S(unique()), "c": S("c")}
    table_ss.put(key | {"a": N(1), "m": M(x=N(2)), "m.x": N(3)})
    return key


@pytest.mark.parametrize(
    "names, shown",
    [
        (["a"], {"a": N(1)}), (["m", "a"], {"a": N(1), "m": M(x=N(2))}),
        (["m.x"], {"m.x": N(3)}), (["c", "none"], {"c": S("c")}), (["none"], {}),
    ],
    ids=str,
)
def test_a_read_shows_the_attributes_to_get(table_ss, stored, names, shown):
    read = {"AttributesToGet": names}
    assert table_ss.get(stored, **read) == shown
    assert table_ss.query(KeyConditions={"p": asks("EQ", stored["p"])}, **read)["Items"] == [shown]
    # The table is shared, and may take more than one page.
    found, _ = table_ss.all_pages(
        table_ss.scan, ScanFilter={"p": asks("EQ", stored["p"])}, **read
    )
    assert found == [shown]
    batch = table_ss.client.batch_get_item(
        RequestItems={table_ss.name: {"Keys": [stored]} | read}
    )
    assert batch["Responses"][table_ss.name] == [shown]


def test_specific_attributes_may_be_asked_for_by_name(table_ss, stored):
    found = table_ss.query(
        KeyConditions={"p": asks("EQ", stored["p"])},
        AttributesToGet=["a"],
        Select="SPECIFIC_ATTRIBUTES",
    )
    assert found["Items"] == [{"a": N(1)}]


@pytest.mark.parametrize(
    "select, what",
    [("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("ALL_PROJECTED_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
     ("COUNT", "only the Count")],
)
def test_attributes_to_get_go_with_no_other_selection(table_ss, select, what):
    message = f"Cannot specify the AttributesToGet when choosing to get {what}"
    with invalid(message):
        table_ss.scan(AttributesToGet=["a"], Select=select)
    with invalid("1 validation error detected: " + message):
        table_ss.query(
            KeyConditions={"p": asks("EQ", S("a"))}, AttributesToGet=["a"], Select=select
        )


def test_attributes_to_get_are_named_once(table_ss, stored):
    message = INVALID + "Duplicate value in attribute name: a"
    with invalid(message):
        table_ss.get(stored, AttributesToGet=["a", "b", "a"])
    with invalid(message):
        table_ss.scan(AttributesToGet=["a", "a"])
    with invalid(message):
        table_ss.query(KeyConditions={"p": asks("EQ", S("a"))}, AttributesToGet=["a", "a"])
    with invalid(message):
        table_ss.client.batch_get_item(
            RequestItems={table_ss.name: {"Keys": [stored], "AttributesToGet": ["a", "a"]}}
        )


def test_one_attribute_at_least_is_to_get(table_ss, stored):
    with constraint(
        "[]", "attributesToGet", "Member must have length greater than or equal to 1"
    ):
        table_ss.get(stored, AttributesToGet=[])


def test_at_most_255_attributes_are_to_get(table_ss, stored):
    assert table_ss.get(stored, AttributesToGet=[f"a{n}" for n in range(255)]) == {}
    with invalid_length():
        table_ss.get(stored, AttributesToGet=[f"a{n}" for n in range(256)])


def invalid_length():
    names = ", ".join(f"a{n}" for n in range(256))
    return constraint(
        f"[{names}]", "attributesToGet", "Member must have length less than or equal to 255"
    )


# Mixing

ASK = asks("EQ", S("a"))
V = {"ExpressionAttributeValues": {":v": S("a")}}
READS = [
    ("get_item", {"AttributesToGet": ["a"], "ProjectionExpression": "a"},
     "AttributesToGet", "ProjectionExpression"),
    ("put_item", {"Expected": {"a": ASK}, "ConditionExpression": "a = :v"} | V,
     "Expected", "ConditionExpression"),
    ("put_item", {"ConditionalOperator": "AND", "ConditionExpression": "a = :v"} | V,
     "ConditionalOperator", "ConditionExpression"),
    ("delete_item",
     {"Expected": {"a": ASK}, "ConditionalOperator": "OR", "ConditionExpression": "a = :v"} | V,
     "Expected, ConditionalOperator", "ConditionExpression"),
    ("update_item",
     {"AttributeUpdates": {"a": {"Value": S("a")}}, "ConditionExpression": "a = :v"} | V,
     "AttributeUpdates", "ConditionExpression"),
    ("update_item", {"Expected": {"a": ASK}, "UpdateExpression": "SET a = :v"} | V,
     "Expected", "UpdateExpression"),
    ("update_item",
     {"AttributeUpdates": {"a": {"Value": S("a")}}, "Expected": {"a": ASK},
      "ConditionalOperator": "AND", "UpdateExpression": "SET a = :v",
      "ConditionExpression": "a = :v"} | V,
     "AttributeUpdates, Expected, ConditionalOperator", "UpdateExpression, ConditionExpression"),
    ("query", {"AttributesToGet": ["a"], "KeyConditionExpression": "p = :v"} | V,
     "AttributesToGet", "KeyConditionExpression"),
    ("query", {"QueryFilter": {"a": ASK}, "KeyConditionExpression": "p = :v"} | V,
     "QueryFilter", "KeyConditionExpression"),
    ("query", {"KeyConditions": {"p": ASK}, "KeyConditionExpression": "p = :v"} | V,
     "KeyConditions", "KeyConditionExpression"),
    ("query", {"KeyConditions": {"p": ASK}, "QueryFilter": {"a": ASK}, "FilterExpression": "a = :v"}
     | V, "QueryFilter", "FilterExpression"),
    ("query",
     {"AttributesToGet": ["a"], "KeyConditions": {"p": ASK}, "QueryFilter": {"a": ASK},
      "ConditionalOperator": "AND", "KeyConditionExpression": "p = :v",
      "FilterExpression": "a = :v", "ProjectionExpression": "a"} | V,
     "AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
     "ProjectionExpression, FilterExpression, KeyConditionExpression"),
    ("scan", {"ScanFilter": {"a": ASK}, "ProjectionExpression": "a"},
     "ScanFilter", "ProjectionExpression"),
    ("scan", {"AttributesToGet": ["a"], "ScanFilter": {"a": ASK}, "ConditionalOperator": "AND",
              "FilterExpression": "a = :v", "ProjectionExpression": "a"} | V,
     "AttributesToGet, ScanFilter, ConditionalOperator", "ProjectionExpression, FilterExpression"),
]


def call(table, operation, key, arguments):
    if operation == "put_item":
        arguments = {"Item": key} | arguments
    elif operation not in ("query", "scan"):
        arguments = {"Key": key} | arguments
    return getattr(table.client, operation)(TableName=table.name, **arguments)


def told_by(operation):
    """What the operation says before what is wrong with its parameters."""
    return COUNTED if operation in ("put_item", "delete_item", "update_item") else ""


@pytest.mark.parametrize(
    "operation, arguments, legacy, expressions", READS, ids=lambda v: str(v)[:40]
)
def test_expressions_and_what_they_replaced_do_not_mix(
    table_s, key, operation, arguments, legacy, expressions
):
    with invalid(told_by(operation) + mixing(legacy, expressions)):
        call(table_s, operation, key, arguments)


def test_they_do_not_mix_in_a_batch(table_s, key):
    with invalid(mixing("AttributesToGet", "ProjectionExpression")):
        table_s.client.batch_get_item(
            RequestItems={
                table_s.name: {
                    "Keys": [key], "AttributesToGet": ["a"], "ProjectionExpression": "a",
                }
            }
        )


def test_key_conditions_stand_beside_other_expressions(table_ss, words):
    found = table_ss.query(
        filter="n = :n",
        projection="c",
        values={":n": N(3)},
        KeyConditions={"p": asks("EQ", words)},
    )
    assert found["Items"] == [{"c": S("003")}]


def test_placeholders_need_an_expression(table_ss, words, key, table_s):
    with invalid("ExpressionAttributeNames can only be specified when using expressions"):
        table_ss.query(KeyConditions={"p": asks("EQ", words)}, names={"#a": "a"})
    with invalid(
        "ExpressionAttributeValues can only be specified when using expressions: "
        "FilterExpression and KeyConditionExpression are null"
    ):
        table_ss.query(KeyConditions={"p": asks("EQ", words)}, values={":a": N(1)})
    with invalid("ExpressionAttributeNames can only be specified when using expressions"):
        table_s.get(key, AttributesToGet=["a"], names={"#a": "a"})


WITHOUT = "ConditionalOperator cannot be used without Filter or Expected"
TWO = "ConditionalOperator can only be used when Filter or Expected has two or more elements"


@pytest.mark.parametrize(
    "operation, arguments, message",
    [
        ("scan", {}, WITHOUT), ("scan", {"ScanFilter": {}}, WITHOUT),
        ("scan", {"AttributesToGet": ["a", "b"]}, WITHOUT),
        ("scan", {"ScanFilter": {"a": ASK}}, TWO),
        ("query", {}, WITHOUT), ("query", {"KeyConditions": {"p": ASK}}, WITHOUT),
        ("query", {"KeyConditions": {"p": ASK}, "QueryFilter": {"a": ASK}}, TWO),
        ("put_item", {}, WITHOUT), ("put_item", {"Expected": {"a": ASK}}, TWO),
        ("delete_item", {"Expected": {}}, WITHOUT), ("delete_item", {"Expected": {"a": ASK}}, TWO),
        ("update_item", {}, WITHOUT), ("update_item", {"Expected": {"a": ASK}}, TWO),
        ("update_item", {"AttributeUpdates": {"a": {"Value": S("a")}}}, WITHOUT),
    ],
    ids=lambda v: str(v)[:48],
)
@pytest.mark.parametrize("joined", ["AND", "OR"])
def test_a_conditional_operator_needs_two_conditions(
    table_s, key, operation, arguments, message, joined
):
    with invalid(told_by(operation) + message):
        call(table_s, operation, key, {"ConditionalOperator": joined} | arguments)


def test_boto3_conditions_of_the_resource_are_legacy_too(resource, table_ss, words):
    """An application that uses the resource and Python values."""
    table = resource.Table(table_ss.name)
    found = table.query(
        KeyConditions={
            "p": {"ComparisonOperator": "EQ", "AttributeValueList": [words["S"]]},
            "c": {"ComparisonOperator": "GE", "AttributeValueList": ["010"]},
        },
        QueryFilter={"n": {"ComparisonOperator": "NE", "AttributeValueList": [10]}},
        AttributesToGet=["n"],
    )
    assert found["Items"] == [{"n": 11}]
