"""Global secondary indexes: defining them with the table, and how they are described."""

import pytest

from indexes import definitions, described, entries, index, keys
from support import INVALID, S, VALIDATION, constraint, invalid, refused, unique


def create(client, types=None, **rest):
    """CreateTable that is to be refused: partition key `p`, sort key `c`."""
    client.create_table(
        TableName=unique("t-"),
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("p", "c"),
        AttributeDefinitions=definitions(**({"p": "S", "c": "S"} | (types or {}))),
        **rest,
    )


# Describing


def test_an_index_is_described(client, indexed):
    table = client.describe_table(TableName=indexed.name)["Table"]
    names = [one["IndexName"] for one in table["GlobalSecondaryIndexes"]]
    assert names == ["by-x", "by-n", "some"]
    shown = described(client, indexed, "by-n")
    assert shown["KeySchema"] == keys("x", "n")
    assert shown["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert shown["IndexStatus"] == "ACTIVE"
    assert shown["IndexArn"] == f"{table['TableArn']}/index/by-n"
    throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}
    assert shown["ProvisionedThroughput"] == throughput
    assert "Backfilling" not in shown
    assert "LocalSecondaryIndexes" not in table


def test_all_key_attributes_are_defined_in_the_order_of_their_names(client, indexed):
    table = client.describe_table(TableName=indexed.name)["Table"]
    assert table["AttributeDefinitions"] == definitions(n="N", p="S", x="S", y="S")


def test_projected_attributes_are_described_in_order(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("i-1", "x", include=["zz", "aa", "mm"])],
    )
    assert described(client, table, "i-1")["Projection"] == {
        "ProjectionType": "INCLUDE", "NonKeyAttributes": ["aa", "mm", "zz"],
    }


def test_the_answer_to_a_creation_shows_the_index_being_created(loose):
    name = unique("t-")
    table = loose.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys("p"),
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x")],
    )["TableDescription"]
    [shown] = table["GlobalSecondaryIndexes"]
    assert shown["IndexStatus"] == "CREATING"
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (0, 0)
    loose.delete_table(TableName=name)


def test_entries_are_counted(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x", projection="KEYS_ONLY")],
    )
    table.put({"p": S("1"), "x": S("22"), "other": S("3333")})
    table.put({"p": S("2"), "other": S("no x")})
    shown = described(client, table, "by-x")
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (1, 1 + 1 + 1 + 2)
    table.update({"p": S("2")}, "SET x = :x", values={":x": S("4444")})
    assert described(client, table, "by-x")["ItemCount"] == 2
    table.delete({"p": S("1")})
    shown = described(client, table, "by-x")
    assert (shown["ItemCount"], shown["IndexSizeBytes"]) == (1, 1 + 1 + 1 + 4)


def test_a_provisioned_index_has_a_throughput_of_its_own(client, tables):
    capacity = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
        GlobalSecondaryIndexes=[index("by-x", "x", ProvisionedThroughput=capacity)],
    )
    shown = described(client, table, "by-x")["ProvisionedThroughput"]
    assert (shown["ReadCapacityUnits"], shown["WriteCapacityUnits"]) == (3, 4)


# What is refused when a table is made


def test_a_key_attribute_needs_a_definition(loose):
    with invalid(
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
        "Keys: [x], AttributeDefinitions: [p, c]"
    ):
        create(loose, GlobalSecondaryIndexes=[index("by-x", "x")])


def test_a_definition_needs_a_use(loose):
    with refused(VALIDATION, contains="Some AttributeDefinitions are not used. AttributeDefin"):
        create(loose, {"x": "S", "y": "S"}, GlobalSecondaryIndexes=[index("by-x", "x")])


def test_a_useless_definition_is_found_before_a_bad_projection(loose):
    with refused(VALIDATION, contains="Some AttributeDefinitions are not used"):
        create(
            loose, {"x": "S", "y": "S"},
            GlobalSecondaryIndexes=[index("by-x", "x", projection=None)],
        )


def test_an_attribute_has_one_type(loose):
    with invalid("Attribute Name is duplicated: x"):
        loose.create_table(
            TableName=unique("t-"),
            BillingMode="PAY_PER_REQUEST",
            KeySchema=keys("p"),
            AttributeDefinitions=definitions(p="S", x="S") + definitions(x="N"),
            GlobalSecondaryIndexes=[index("by-x", "x")],
        )


def test_index_names_differ(loose):
    with invalid(INVALID + "Duplicate index name: same"):
        create(
            loose, {"x": "S"},
            GlobalSecondaryIndexes=[index("same", "x"), index("same", "c")],
        )


@pytest.mark.parametrize(
    "name, rule",
    [
        ("ab", "Member must have length greater than or equal to 3"),
        ("n" * 256, "Member must have length less than or equal to 255"),
        ("n@me", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ],
)
def test_index_names_have_a_form(loose, name, rule):
    with constraint(name, "globalSecondaryIndexes.1.member.indexName", rule):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[index(name, "x")])


def test_what_is_wrong_with_global_indexes_is_told_first(loose):
    with refused(
        VALIDATION,
        "2 validation errors detected: "
        "Value 'g1' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3; "
        "Value 'l1' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3",
    ):
        create(
            loose, {"x": "S"},
            LocalSecondaryIndexes=[index("l1", "p", "x")],
            GlobalSecondaryIndexes=[index("g1", "x")],
        )


def test_an_index_may_be_called_as_its_table_and_be_keyed_alike(client, tables):
    name = unique("t-")
    table = tables.create(
        name=name, GlobalSecondaryIndexes=[index(name, "p"), index("n" * 255, "p")]
    )
    item = {"p": S("1"), "v": S("w")}
    table.put(item)
    assert entries(table, name) == [item]
    assert entries(table, "n" * 255) == [item]


@pytest.mark.parametrize("member", ["IndexName", "KeySchema", "Projection"])
def test_an_index_needs_all_its_parts(loose, member):
    broken = index("by-x", "x")
    del broken[member]
    at = f"globalSecondaryIndexes.1.member.{member[0].lower()}{member[1:]}"
    with constraint(None, at, "Member must not be null"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


def test_an_empty_list_is_refused(loose):
    with invalid(INVALID + "List of GlobalSecondaryIndexes is empty"):
        create(loose, GlobalSecondaryIndexes=[])


def test_twenty_indexes_are_the_most(loose, tables):
    many = [index(f"index-{number}", "p") for number in range(20)]
    tables.create(GlobalSecondaryIndexes=many)
    with invalid(INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20"):
        create(loose, GlobalSecondaryIndexes=many + [index("one-more", "p")])


@pytest.mark.parametrize(
    "projection, message",
    [
        ({}, "Unknown ProjectionType: null"),
        ({"ProjectionType": "INCLUDE"},
         "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
        ({"ProjectionType": "ALL", "NonKeyAttributes": ["a"]},
         "ProjectionType is ALL, but NonKeyAttributes is specified"),
        ({"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["a"]},
         "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b", "a"]},
         "Duplicate element in NonKeyAttributes: a"),
    ],
    ids=str,
)
def test_a_projection_has_rules(loose, projection, message):
    broken = index("by-x", "x") | {"Projection": projection}
    with invalid(INVALID + message):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


@pytest.mark.parametrize(
    "projection, value, at, rule",
    [
        ({"ProjectionType": "SOME"}, "SOME", "projectionType",
         "Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": []}, "[]", "nonKeyAttributes",
         "Member must have length greater than or equal to 1"),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": [str(n) for n in range(21)]}, "[...]",
         "nonKeyAttributes", "Member must have length less than or equal to 20"),
    ],
    ids=str,
)
def test_a_projection_has_a_form(loose, projection, value, at, rule):
    broken = index("by-x", "x") | {"Projection": projection}
    with constraint(value, f"globalSecondaryIndexes.1.member.projection.{at}", rule):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


def test_a_projected_name_is_a_string(loose):
    broken = index("by-x", "x", include=["a", 1])
    with refused("SerializationException"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[broken])


def test_all_indexes_together_project_a_hundred_attributes(loose):
    many = [
        index(f"index-{number}", "x", include=[f"a{number}-{place}" for place in range(20)])
        for number in range(6)
    ]
    with refused(VALIDATION, contains="100"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=many)


def test_a_provisioned_index_needs_a_throughput(loose):
    with invalid(INVALID + "ProvisionedThroughput is not specified for index: by-x"):
        loose.create_table(
            TableName=unique("t-"),
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            KeySchema=keys("p"),
            AttributeDefinitions=definitions(p="S", x="S"),
            GlobalSecondaryIndexes=[index("by-x", "x")],
        )


def test_an_on_demand_index_has_none(loose):
    capacity = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    with invalid(
        INVALID + "ProvisionedThroughput should not be specified for index: by-x when "
        "BillingMode is PAY_PER_REQUEST"
    ):
        create(
            loose, {"x": "S"},
            GlobalSecondaryIndexes=[index("by-x", "x", ProvisionedThroughput=capacity)],
        )


def test_a_range_key_alone_is_no_key(loose):
    with invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[index("by-x", (), "x")])


def test_hash_and_range_key_differ(loose):
    with invalid(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name"
    ):
        create(loose, {"x": "S"}, GlobalSecondaryIndexes=[index("by-x", "x", "x")])
