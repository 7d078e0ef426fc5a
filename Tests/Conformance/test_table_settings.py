"""Settings of tables: encryption, class, throughput beyond what is provisioned, protection."""

import datetime

import pytest

from support import INVALID, VALIDATION, invalid, refused, schema, unique, wait_active

PROVISIONED = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}
BASELINE = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}


def describe(client, table):
    return client.describe_table(TableName=table.name)["Table"]


def update(client, table, **changes):
    client.update_table(TableName=table.name, **changes)
    wait_active(client, table.name)
    return describe(client, table)


# Encryption.


def test_a_table_shows_encryption_only_with_a_key(client, tables):
    assert "SSEDescription" not in describe(client, tables.create())
    assert "SSEDescription" not in describe(client, tables.create(SSESpecification={"Enabled": False}))


def test_a_key_is_shown_by_its_arn(client, tables):
    key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    table = tables.create(
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    )
    assert describe(client, table)["SSEDescription"] == {
        "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key,
    }


def test_encryption_is_switched_on_changed_and_off(client, tables):
    table = tables.create()
    described = update(client, table, SSESpecification={"Enabled": True})["SSEDescription"]
    assert described["Status"] == "ENABLED"
    assert described["SSEType"] == "KMS"
    assert described["KMSMasterKeyArn"].startswith("arn:aws:kms:")
    described = update(
        client, table,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"},
    )["SSEDescription"]
    assert described["KMSMasterKeyArn"].endswith(":alias/mine")
    assert "SSEDescription" not in update(client, table, SSESpecification={"Enabled": False})


def test_encryption_that_changes_nothing_is_refused(loose, tables):
    table = tables.create()
    with invalid(INVALID + "Table is already encrypted by default"):
        loose.update_table(TableName=table.name, SSESpecification={"Enabled": False})
    key = {"SSEType": "KMS", "KMSMasterKeyId": "alias/mine"}
    update(loose, table, SSESpecification=key)
    with invalid(
        INVALID + "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId "
        "parameter if you want to change Master Key"
    ):
        loose.update_table(TableName=table.name, SSESpecification=key)


@pytest.mark.parametrize(
    ("specification", "words"),
    [
        ({"Enabled": True, "SSEType": "AES256"}, INVALID + "SSEType AES256 is not supported"),
        ({"Enabled": True, "SSEType": "ROT13"}, ""),
        (
            {"Enabled": False, "SSEType": "KMS"},
            INVALID + "SSEType can not be specified if Enabled is false",
        ),
        (
            {"Enabled": False, "KMSMasterKeyId": "alias/mine"},
            INVALID + "KMSMasterKeyId can not be specified if Enabled is false",
        ),
        (
            {"Enabled": True, "KMSMasterKeyId": "alias/mine"},
            INVALID + "SSEType KMS is required if KMSMasterKeyId is specified",
        ),
        ({"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": ""}, ""),
    ],
)
def test_encryption_that_makes_no_sense_is_refused(loose, specification, words):
    with refused(VALIDATION, contains=words):
        loose.create_table(
            TableName=unique("t-"), BillingMode="PAY_PER_REQUEST",
            SSESpecification=specification, **schema(),
        )


# The class of a table.


def test_a_table_shows_its_class_once_a_request_named_one(client, tables):
    assert "TableClassSummary" not in describe(client, tables.create())
    for name in ("STANDARD", "STANDARD_INFREQUENT_ACCESS"):
        assert describe(client, tables.create(TableClass=name))["TableClassSummary"] == {
            "TableClass": name
        }


def test_a_changed_class_has_the_time_of_its_change(client, tables):
    table = tables.create()
    summary = update(client, table, TableClass="STANDARD_INFREQUENT_ACCESS")["TableClassSummary"]
    assert summary["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    age = datetime.datetime.now(datetime.timezone.utc) - summary["LastUpdateDateTime"]
    assert abs(age.total_seconds()) < 120
    assert update(client, table, TableClass="STANDARD")["TableClassSummary"]["TableClass"] == "STANDARD"


@pytest.mark.parametrize("name", ["standard", "junk", ""])
def test_a_class_that_is_none_is_refused(loose, tables, name):
    message = (
        "Invalid table-class parameter provided. Please try again with a valid table-class "
        "value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."
    )
    with invalid(message):
        loose.create_table(
            TableName=unique("t-"), BillingMode="PAY_PER_REQUEST", TableClass=name, **schema()
        )
    with invalid(message):
        loose.update_table(TableName=tables.create().name, TableClass=name)


# Maxima of on-demand tables.


def test_a_maximum_is_shown_while_there_is_one(client, tables):
    assert "OnDemandThroughput" not in describe(client, tables.create(OnDemandThroughput={}))
    table = tables.create(OnDemandThroughput={"MaxReadRequestUnits": 7})
    assert describe(client, table)["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    described = update(client, table, OnDemandThroughput={"MaxWriteRequestUnits": 9})
    assert described["OnDemandThroughput"] == {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 9}
    described = update(client, table, OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert described["OnDemandThroughput"] == {"MaxWriteRequestUnits": 9}
    described = update(client, table, OnDemandThroughput={"MaxWriteRequestUnits": -1})
    assert "OnDemandThroughput" not in described


def test_the_answer_names_a_maximum_that_was_taken_away(client, tables):
    table = tables.create(
        OnDemandThroughput={"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 9}
    )

    def answer(**maximum):
        changed = client.update_table(TableName=table.name, OnDemandThroughput=maximum)
        return changed["TableDescription"]["OnDemandThroughput"]

    read, write = {"MaxReadRequestUnits": -1}, {"MaxWriteRequestUnits": -1}
    assert answer(**read) == {**read, "MaxWriteRequestUnits": 9}
    assert answer(**write) == write
    assert answer(**read, **write) == {**read, **write}
    assert "OnDemandThroughput" not in describe(client, table)


@pytest.mark.parametrize(
    "unit, units", [("MaxReadRequestUnits", 0), ("MaxWriteRequestUnits", -2)]
)
def test_a_maximum_that_is_none_is_refused(loose, tables, unit, units):
    message = INVALID + f"Requested {unit} for OnDemandThroughput for table is outside of valid range"
    with invalid(message):
        loose.update_table(TableName=tables.create().name, OnDemandThroughput={unit: units})
    for given in (units, -1):
        with invalid(message):
            tables.create(OnDemandThroughput={unit: given})
    with refused(VALIDATION):
        loose.update_table(TableName=tables.create().name, OnDemandThroughput={})


def test_maxima_are_for_on_demand_tables(loose, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    with invalid(
        INVALID + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table "
        "BillingMode is PROVISIONED"
    ):
        loose.update_table(TableName=table.name, OnDemandThroughput={"MaxReadRequestUnits": 5})
    with invalid(
        INVALID + "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when table "
        "BillingMode is PROVISIONED."
    ):
        tables.create(
            ProvisionedThroughput=PROVISIONED, OnDemandThroughput={"MaxWriteRequestUnits": 5}
        )


# Warm throughput.


def warm(client, table):
    shown = describe(client, table)["WarmThroughput"]
    assert shown.pop("Status") == "ACTIVE"
    return shown["ReadUnitsPerSecond"], shown["WriteUnitsPerSecond"]


def test_every_table_has_a_warm_throughput(client, tables):
    assert describe(client, tables.create())["WarmThroughput"] == BASELINE
    table = tables.create(ProvisionedThroughput={"ReadCapacityUnits": 20000, "WriteCapacityUnits": 5})
    assert warm(client, table) == (20000, 5)


def test_warm_throughput_is_what_was_ever_provisioned(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    for read, write, expected in ((9, 2, (9, 3)), (4, 4, (9, 4)), (1, 1, (9, 4))):
        units = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
        update(client, table, ProvisionedThroughput=units)
        assert warm(client, table) == expected
    update(client, table, BillingMode="PAY_PER_REQUEST")
    assert warm(client, table) == (12000, 4000)
    update(client, table, BillingMode="PROVISIONED", ProvisionedThroughput=PROVISIONED)
    assert warm(client, table) == (12000, 4000)


def test_warm_throughput_grows(client, tables):
    table = tables.create(WarmThroughput={"ReadUnitsPerSecond": 12240})
    assert warm(client, table) == (12240, 4000)
    update(client, table, WarmThroughput={"WriteUnitsPerSecond": 4080})
    assert warm(client, table) == (12240, 4080)
    update(client, table, WarmThroughput={"WriteUnitsPerSecond": 4080})
    assert warm(client, table) == (12240, 4080)


def test_the_answer_to_a_change_shows_what_was_before(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)

    def answer(**changes):
        changed = client.update_table(TableName=table.name, **changes)["TableDescription"]
        wait_active(client, table.name)
        return changed

    grown = {"ReadUnitsPerSecond": 9, "WriteUnitsPerSecond": 9}
    shown = answer(WarmThroughput=grown)
    before = {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 3, "Status": "UPDATING"}
    assert (shown["TableStatus"], shown["WarmThroughput"]) == ("ACTIVE", before)
    assert answer(WarmThroughput=grown)["WarmThroughput"] == grown | {"Status": "UPDATING"}
    shown = answer(BillingMode="PAY_PER_REQUEST")
    assert shown["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    since = describe(client, table)["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"]
    shown = answer(BillingMode="PROVISIONED", ProvisionedThroughput=PROVISIONED)
    assert shown["BillingModeSummary"] == {
        "BillingMode": "PROVISIONED", "LastUpdateToPayPerRequestDateTime": since,
    }


def test_a_new_table_shows_less_than_one_that_is_ready(client):
    def answer(**settings):
        name = unique("t-")
        made = client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", **schema(), **settings
        )
        wait_active(client, name)
        client.delete_table(TableName=name)
        return made["TableDescription"]

    shown = answer()
    assert "WarmThroughput" not in shown
    assert shown["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    shown = answer(WarmThroughput={"ReadUnitsPerSecond": 12001})
    assert shown["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12001, "WriteUnitsPerSecond": 4000, "Status": "UPDATING",
    }


@pytest.mark.parametrize(
    "unit, below, capacity",
    [
        ("ReadUnitsPerSecond", 11999, "ReadCapacityUnits"),
        ("WriteUnitsPerSecond", 3999, "WriteCapacityUnits"),
    ],
)
def test_warm_throughput_does_not_shrink(loose, tables, unit, below, capacity):
    message = INVALID + f"Requested {unit} for WarmThroughput for table is lower than "
    with refused(VALIDATION, contains=message + "initial throughput for OnDemand. See: https://"):
        tables.create(WarmThroughput={unit: below})
    with invalid(message + f"{capacity} of ProvisionedThroughput"):
        tables.create(ProvisionedThroughput=PROVISIONED, WarmThroughput={unit: 2})
    message += "current WarmThroughput, decreasing WarmThroughput is not supported"
    table = tables.create(WarmThroughput={unit: below + 100})
    with invalid(message):
        loose.update_table(TableName=table.name, WarmThroughput={unit: below + 99})


# Provisioned capacity's own story.


def test_changes_of_capacity_leave_their_times(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    first = describe(client, table)["ProvisionedThroughput"]
    assert first["NumberOfDecreasesToday"] == 0
    assert "LastIncreaseDateTime" not in first
    assert "LastDecreaseDateTime" not in first
    more = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 3}
    answer = client.update_table(TableName=table.name, ProvisionedThroughput=more)
    assert answer["TableDescription"]["TableStatus"] == "UPDATING"
    assert answer["TableDescription"]["ProvisionedThroughput"] == first
    up = describe(client, table)["ProvisionedThroughput"]
    assert {unit: up[unit] for unit in more} == more
    assert "LastIncreaseDateTime" in up
    assert "LastDecreaseDateTime" not in up
    client.update_table(TableName=table.name, ProvisionedThroughput=PROVISIONED)
    down = describe(client, table)["ProvisionedThroughput"]
    assert down["NumberOfDecreasesToday"] == 1
    assert down["LastDecreaseDateTime"] >= up["LastIncreaseDateTime"]


def test_capacity_goes_down_four_times_and_then_once_an_hour(client, tables):
    table = tables.create(ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9})

    def lower(units):
        capacity = {"ReadCapacityUnits": units, "WriteCapacityUnits": 9}
        client.update_table(TableName=table.name, ProvisionedThroughput=capacity)

    for units in (8, 7, 6, 5):
        lower(units)
    with refused("LimitExceededException", contains="Number of decreases today: 4. Last decrease at"):
        lower(4)
    shown = describe(client, table)["ProvisionedThroughput"]
    assert (shown["ReadCapacityUnits"], shown["NumberOfDecreasesToday"]) == (5, 4)
    lower(6)


def test_a_deleted_table_is_described_without_its_definition(client, tables):
    answer = client.delete_table(TableName=tables.create().name)["TableDescription"]
    assert answer["TableStatus"] == "DELETING"
    assert not {"KeySchema", "AttributeDefinitions", "CreationDateTime"} & set(answer)
    assert {"ItemCount", "TableSizeBytes", "TableArn", "TableId"} <= set(answer)


# Replicas that differ, as far as one region alone can show them.


def create(**overrides):
    return {"Create": {"RegionName": "eu-west-1"} | overrides}


def other(client, table):
    replicas = {one["RegionName"]: one for one in describe(client, table)["Replicas"]}
    return replicas["eu-west-1"]


def test_a_replica_is_made_with_overrides_and_they_change(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    client.update_table(
        TableName=table.name,
        ReplicaUpdates=[
            create(
                ProvisionedThroughputOverride={"ReadCapacityUnits": 50},
                TableClassOverride="STANDARD_INFREQUENT_ACCESS",
            )
        ],
    )
    replica = other(client, table)
    assert replica["ProvisionedThroughputOverride"] == {"ReadCapacityUnits": 50}
    assert replica["ReplicaTableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert describe(client, table)["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert describe(client, table)["GlobalTableSettingsReplicationMode"] == "ENABLED_WITH_OVERRIDES"


@pytest.mark.parametrize(
    "overrides",
    [
        {"ProvisionedThroughputOverride": {"ReadCapacityUnits": 5}},
        {"ProvisionedThroughputOverride": {"ReadCapacityUnits": 0}},
        {"OnDemandThroughputOverride": {"MaxReadRequestUnits": 0}},
        {"TableClassOverride": "junk"},
        {"KMSMasterKeyId": "alias/mine"},
        {"GlobalSecondaryIndexes": [{"IndexName": "none-such"}]},
        {"GlobalSecondaryIndexes": []},
    ],
)
def test_overrides_of_what_the_table_has_not_are_refused(loose, tables, overrides):
    table = tables.create()
    with refused(VALIDATION):
        loose.update_table(TableName=table.name, ReplicaUpdates=[create(**overrides)])
    assert "Replicas" not in describe(loose, table)


def test_a_replicas_index_may_differ(client, tables):
    index = {
        "IndexName": "by-p",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "ProvisionedThroughput": PROVISIONED,
    }
    table = tables.create(ProvisionedThroughput=PROVISIONED, GlobalSecondaryIndexes=[index])
    override = {"IndexName": "by-p", "ProvisionedThroughputOverride": {"ReadCapacityUnits": 9}}
    client.update_table(
        TableName=table.name, ReplicaUpdates=[create(GlobalSecondaryIndexes=[override])]
    )
    assert other(client, table)["GlobalSecondaryIndexes"] == [override]


def test_an_update_of_a_replica_must_name_one_that_is_there(loose, tables):
    table = tables.create()
    change = {"RegionName": "eu-west-1", "TableClassOverride": "STANDARD"}
    with refused(VALIDATION, contains="without these replicas: [eu-west-1]"):
        loose.update_table(TableName=table.name, ReplicaUpdates=[{"Update": change}])
    with refused(VALIDATION):
        loose.update_table(
            TableName=table.name, ReplicaUpdates=[{"Update": {"RegionName": "eu-west-1"}}]
        )
    with refused(VALIDATION, contains="local region"):
        loose.update_table(
            TableName=table.name, ReplicaUpdates=[{"Update": change | {"RegionName": "us-east-1"}}]
        )


def test_strong_consistency_is_refused(loose, tables):
    table = tables.create()
    with refused(VALIDATION, contains="STRONG"):
        loose.update_table(
            TableName=table.name, ReplicaUpdates=[create()], MultiRegionConsistency="STRONG"
        )
