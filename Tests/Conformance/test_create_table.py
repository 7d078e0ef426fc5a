"""CreateTable: what it answers, and what it refuses."""

import pytest

from support import (
    IN_USE, INVALID, VALIDATION, constraint, invalid, refused, schema, unique, wait_active,
    wait_gone,
)

ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}
PROVISIONED = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}}


def test_a_new_table_is_described_in_the_answer(client):
    name = unique("t-")
    answer = client.create_table(TableName=name, **schema("S", "N"), **ON_DEMAND)
    table = answer["TableDescription"]
    assert table["TableName"] == name
    assert table["TableStatus"] in ("CREATING", "ACTIVE")
    assert table["KeySchema"] == schema("S", "N")["KeySchema"]
    assert sorted(table["AttributeDefinitions"], key=lambda a: a["AttributeName"]) == [
        {"AttributeName": "c", "AttributeType": "N"},
        {"AttributeName": "p", "AttributeType": "S"},
    ]
    assert table["ItemCount"] == 0
    assert table["TableSizeBytes"] == 0
    assert table["TableArn"].endswith(f":table/{name}")
    assert ":us-east-1:" in table["TableArn"]
    assert len(table["TableId"]) == 36
    wait_active(client, name)
    client.delete_table(TableName=name)
    wait_gone(client, name)


def test_an_on_demand_table_has_its_billing_mode_and_no_throughput(client, tables):
    table = tables.create()
    described = client.describe_table(TableName=table.name)["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 0
    assert described["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0


def test_a_provisioned_table_has_its_throughput(client, tables):
    table = tables.create(**PROVISIONED)
    described = client.describe_table(TableName=table.name)["Table"]
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 3
    assert described.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED") == "PROVISIONED"


def test_deletion_protection_is_off_unless_asked_for(client, tables):
    table = tables.create()
    assert client.describe_table(TableName=table.name)["Table"]["DeletionProtectionEnabled"] is False


def test_the_same_name_twice_is_refused(client, tables):
    table = tables.create()
    with refused(IN_USE, f"Table already exists: {table.name}"):
        client.create_table(TableName=table.name, **schema(), **ON_DEMAND)


def test_a_dropped_name_can_be_used_again_and_is_another_table(client, tables):
    table = tables.create()
    table.put({"p": {"S": "a"}})
    before = client.describe_table(TableName=table.name)["Table"]["TableId"]
    client.delete_table(TableName=table.name)
    wait_gone(client, table.name)
    again = tables.create(name=table.name)
    assert again.get({"p": {"S": "a"}}) is None
    assert client.describe_table(TableName=table.name)["Table"]["TableId"] != before


@pytest.mark.parametrize("name", ["shortest", "a" * 255, "A.b-c_9", "..."])
def test_names_at_the_edge_of_the_rules_are_taken(client, tables, name):
    # Names of this run alone, so that an endpoint with tables of its own can be tested too.
    if name == "shortest":
        name = unique("")[:3]
    elif len(name) == 255:
        name = unique("t").ljust(255, "x")
    else:
        name = unique(name)
    table = tables.create(name=name)
    assert client.describe_table(TableName=table.name)["Table"]["TableName"] == name


@pytest.mark.parametrize("name", ["", "a", "ab", "a" * 256])
def test_names_of_a_wrong_length_are_refused(loose, name):
    with refused(VALIDATION, contains="tableName"):
        loose.create_table(TableName=name, **schema(), **ON_DEMAND)


@pytest.mark.parametrize("name", ["abc;", "a b c", "abc/", "äöü", "abc\n"])
def test_names_with_other_characters_are_refused(loose, name):
    with constraint(
        name, "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    ):
        loose.create_table(TableName=name, **schema(), **ON_DEMAND)


def test_a_missing_name_is_refused(loose):
    with invalid("The parameter 'TableName' is required but was not present in the request"):
        loose.create_table(**schema(), **ON_DEMAND)


def test_a_missing_key_schema_is_refused(loose):
    with constraint(None, "keySchema", "Member must not be null"):
        loose.create_table(
            TableName=unique(), AttributeDefinitions=schema()["AttributeDefinitions"], **ON_DEMAND
        )


def hash_key(name):
    return {"AttributeName": name, "KeyType": "HASH"}


def range_key(name):
    return {"AttributeName": name, "KeyType": "RANGE"}


def defined(name, kind="S"):
    return {"AttributeName": name, "AttributeType": kind}


@pytest.mark.parametrize(
    "keys, definitions, message",
    [
        (
            [hash_key("p")],
            [defined("q")],
            INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [p], AttributeDefinitions: [q]",
        ),
        (
            [hash_key("p"), range_key("c")],
            [defined("p")],
            "Invalid KeySchema: Some index key attribute have no definition",
        ),
        (
            [hash_key("p")],
            [defined("p"), defined("c")],
            INVALID + "Number of attributes in KeySchema does not exactly match number of "
            "attributes defined in AttributeDefinitions",
        ),
        (
            [hash_key("p"), range_key("p")],
            [defined("p"), defined("c")],
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        (
            [range_key("p")],
            [defined("p")],
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            [hash_key("p"), hash_key("c")],
            [defined("p"), defined("c")],
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ),
    ],
)
def test_a_key_schema_must_make_sense(loose, keys, definitions, message):
    with invalid(message):
        loose.create_table(
            TableName=unique(), KeySchema=keys, AttributeDefinitions=definitions, **ON_DEMAND
        )


def test_three_key_attributes_are_too_many(loose):
    with refused(VALIDATION, contains="Member must have length less than or equal to 2"):
        loose.create_table(
            TableName=unique(),
            KeySchema=[hash_key("a"), range_key("b"), range_key("c")],
            AttributeDefinitions=[defined("a"), defined("b"), defined("c")],
            **ON_DEMAND,
        )


def test_no_key_attribute_is_too_few(loose):
    with refused(VALIDATION, contains="Member must have length greater than or equal to 1"):
        loose.create_table(
            TableName=unique(), KeySchema=[], AttributeDefinitions=[defined("p")], **ON_DEMAND
        )


@pytest.mark.parametrize("kind", ["X", "M", "BOOL", "s", ""])
def test_a_key_is_a_string_a_number_or_binary(loose, kind):
    with constraint(
        kind, "attributeDefinitions.1.member.attributeType", "Member must satisfy enum value set: ["
    ):
        loose.create_table(
            TableName=unique(),
            KeySchema=[hash_key("p")],
            AttributeDefinitions=[defined("p", kind)],
            **ON_DEMAND,
        )


def test_a_key_type_is_hash_or_range(loose):
    with constraint("SORT", "keySchema.1.member.keyType", "Member must satisfy enum value set: ["):
        loose.create_table(
            TableName=unique(),
            KeySchema=[{"AttributeName": "p", "KeyType": "SORT"}],
            AttributeDefinitions=[defined("p")],
            **ON_DEMAND,
        )


def test_several_broken_rules_are_counted(raw):
    response = raw.call("CreateTable", {"TableName": "abc;"})
    assert response.status == 400
    assert response.error == VALIDATION
    assert "validation errors detected: " in response.message
    assert int(response.message.split()[0]) == response.message.count("failed to satisfy constraint")


def test_a_provisioned_table_needs_throughput(loose):
    with invalid(
        INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
        "BillingMode is PROVISIONED"
    ):
        loose.create_table(TableName=unique(), BillingMode="PROVISIONED", **schema())


def test_an_on_demand_table_takes_no_throughput(loose):
    with invalid(
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
        "BillingMode is PAY_PER_REQUEST"
    ):
        loose.create_table(TableName=unique(), **schema(), **ON_DEMAND, **PROVISIONED)


def test_an_unknown_billing_mode_is_refused(loose):
    with constraint("FREE", "billingMode", "Member must satisfy enum value set: ["):
        loose.create_table(TableName=unique(), BillingMode="FREE", **schema())


def test_the_billing_mode_has_a_newer_name(raw, client):
    def ask(operation, **arguments):
        return raw.call(operation, {"TableName": name} | arguments)

    name = unique("t-")
    throughput = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}
    wrong = ask("CreateTable", BillingMode="PAY_PER_REQUEST", TableThroughputMode="X", **schema())
    assert "Value 'X' at 'tableThroughputMode' failed to satisfy constraint" in wrong.message
    ask("CreateTable", TableThroughputMode="PAY_PER_REQUEST", **schema())
    wait_active(client, name)
    told = ask("DescribeTable").json()["Table"]
    billing, mode = told["BillingModeSummary"], told["TableThroughputModeSummary"]
    assert mode.pop("TableThroughputMode") == billing.pop("BillingMode") == "PAY_PER_REQUEST"
    assert mode == billing
    ask("UpdateTable", TableThroughputMode="PROVISIONED", ProvisionedThroughput=throughput)
    wait_active(client, name)
    told = ask("DescribeTable").json()["Table"]
    assert told["TableThroughputModeSummary"]["TableThroughputMode"] == "PROVISIONED"
    assert told["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    client.delete_table(TableName=name)


@pytest.mark.parametrize("units", [0, -1])
@pytest.mark.parametrize("field", ["ReadCapacityUnits", "WriteCapacityUnits"])
def test_throughput_is_at_least_one(loose, field, units):
    throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1} | {field: units}
    at = "provisionedThroughput." + field[0].lower() + field[1:]
    with constraint(units, at, "Member must have value greater than or equal to 1"):
        loose.create_table(TableName=unique(), ProvisionedThroughput=throughput, **schema())
