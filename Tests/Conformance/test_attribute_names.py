"""Names of attributes at the bound of their length, 65,535 bytes, wherever they may stand."""

import pytest

from support import N, S, VALIDATION, refused, unique

LONGEST = "n" * 65_535
TOO_LONG = LONGEST + "n"
TOO_WIDE = "\u00fc" * 32_768


def constraint(at, who="Member"):
    return f"at '{at}' failed to satisfy constraint: {who} must satisfy constraint: " \
        "[Member must have length less than or equal to 65535, "


def test_the_longest_name_may_stand_anywhere(table_s, key):
    names, values = {"#n": LONGEST}, {":v": N(1)}
    table_s.put(key | {LONGEST: N(1)}, "attribute_not_exists(#n)", names=names)
    table_s.update(key, "SET #n = #n + :v", "#n = :v", names=names, values=values)
    assert table_s.get(key, AttributesToGet=[LONGEST]) == {LONGEST: N(2)}
    table_s.update(
        key,
        AttributeUpdates={LONGEST: {"Value": N(1), "Action": "ADD"}},
        Expected={LONGEST: {"Value": N(2)}},
    )
    assert table_s.fetch(key, "#n", names, ConsistentRead=True)["Item"] == {LONGEST: N(3)}


@pytest.mark.parametrize("name", [TOO_LONG, TOO_WIDE], ids=["long", "wide"])
def test_a_longer_name_behind_a_placeholder_is_refused(table_s, key, name):
    names, values = {"#n": name}, {":v": N(1)}
    expected = constraint("expressionAttributeNames", "Map value")
    with refused(VALIDATION, contains=expected):
        table_s.fetch(key, "#n", names)
    with refused(VALIDATION, contains=expected):
        table_s.put(key, "attribute_exists(#n)", names=names)
    with refused(VALIDATION, contains=expected):
        table_s.update(key, "SET #n = :v", names=names, values=values)
    with refused(VALIDATION, contains=expected):
        table_s.delete(key, "attribute_exists(#n)", names=names)
    with refused(VALIDATION, contains=expected):
        table_s.scan(filter="attribute_exists(#n)", names=names)
    assert table_s.get(key) is None


def test_a_longer_name_in_a_batch_or_transaction_is_refused(table_s, key):
    part = {"ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": TOO_LONG}}
    at = f"requestItems.{table_s.name}.member.expressionAttributeNames"
    with refused(VALIDATION, contains=constraint(at, "Map value")):
        table_s.client.batch_get_item(RequestItems={table_s.name: {"Keys": [key]} | part})
    get = {"Get": {"TableName": table_s.name, "Key": key} | part}
    at = "transactItems.1.member.get.expressionAttributeNames"
    with refused(VALIDATION, contains=constraint(at, "Map value")):
        table_s.client.transact_get_items(TransactItems=[get])


def test_a_longer_name_to_get_is_refused(table_s, key):
    expected = constraint("attributesToGet")
    with refused(VALIDATION, contains=expected):
        table_s.fetch(key, AttributesToGet=["a", TOO_LONG])
    with refused(VALIDATION, contains=expected):
        table_s.scan(AttributesToGet=[TOO_LONG])


@pytest.mark.parametrize(
    "at, parameters",
    [
        ("attributeUpdates", {"AttributeUpdates": {TOO_LONG: {"Value": N(1)}}}),
        ("expected", {"Expected": {TOO_LONG: {"Exists": False}}}),
    ],
    ids=["AttributeUpdates", "Expected"],
)
def test_a_longer_name_in_an_old_update_is_refused(table_s, key, at, parameters):
    with refused(VALIDATION, contains=constraint(at, "Map keys")):
        table_s.update(key, **parameters)
    assert table_s.get(key) is None


@pytest.mark.parametrize("parameter", ["KeyConditions", "QueryFilter"])
def test_a_longer_name_in_an_old_query_is_refused(table_s, parameter):
    equal = {"ComparisonOperator": "EQ", "AttributeValueList": [S(unique())]}
    conditions = {"KeyConditions": {"p": equal}, parameter: {TOO_LONG: equal}}
    at = parameter[0].lower() + parameter[1:]
    with refused(VALIDATION, contains=constraint(at, "Map keys")):
        table_s.query(**conditions)


def test_a_longer_name_in_an_item_is_refused(table_s, key):
    with refused(VALIDATION, contains="65536 bytes"):
        table_s.put(key | {TOO_LONG: N(1)})
    assert table_s.get(key) is None
