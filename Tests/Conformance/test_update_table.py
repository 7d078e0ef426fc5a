"""UpdateTable: billing, deletion protection, and the shape of replica updates."""

import pytest

from support import (
    IN_USE, INVALID, NOT_FOUND, VALIDATION, invalid, refused, unique, wait_active, wait_until,
)

PROVISIONED = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}


def describe(client, table):
    return client.describe_table(TableName=table.name)["Table"]


def test_a_table_that_is_not_there_cannot_be_updated(client):
    name = unique("none-")
    with refused(NOT_FOUND, f"Requested resource not found: Table: {name} not found"):
        client.update_table(TableName=name, DeletionProtectionEnabled=True)


def test_an_update_must_ask_for_something(loose, tables):
    with refused(VALIDATION, contains="At least one of "):
        loose.update_table(TableName=tables.create().name)


def test_an_on_demand_table_becomes_provisioned(client, tables):
    table = tables.create()
    client.update_table(
        TableName=table.name, BillingMode="PROVISIONED", ProvisionedThroughput=PROVISIONED
    )
    wait_active(client, table.name)
    described = describe(client, table)
    assert described["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 3


def test_a_provisioned_table_becomes_on_demand(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    client.update_table(TableName=table.name, BillingMode="PAY_PER_REQUEST")
    wait_active(client, table.name)
    described = describe(client, table)
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["ProvisionedThroughput"]["ReadCapacityUnits"] == 0


def test_throughput_changes(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    client.update_table(
        TableName=table.name,
        ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 9},
    )
    wait_active(client, table.name)
    throughput = describe(client, table)["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (7, 9)


def test_the_same_throughput_again_is_refused(client, tables):
    table = tables.create(ProvisionedThroughput=PROVISIONED)
    with refused(
        VALIDATION,
        contains="The provisioned throughput for the table will not change. "
        "The requested value equals the current value.",
    ):
        client.update_table(TableName=table.name, ProvisionedThroughput=PROVISIONED)
    with refused(
        VALIDATION,
        contains="Current ReadCapacityUnits provisioned for the table: 5. Requested "
        "ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 3. ",
    ):
        client.update_table(
            TableName=table.name, BillingMode="PROVISIONED", ProvisionedThroughput=PROVISIONED
        )
    other = PROVISIONED | {"WriteCapacityUnits": 4}
    client.update_table(TableName=table.name, BillingMode="PROVISIONED", ProvisionedThroughput=other)
    assert describe(client, table)["ProvisionedThroughput"]["WriteCapacityUnits"] == 4


@pytest.mark.parametrize("made", [{}, {"ProvisionedThroughput": PROVISIONED}])
def test_provisioned_billing_needs_throughput(loose, tables, made):
    with invalid(
        INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
    ):
        loose.update_table(TableName=tables.create(**made).name, BillingMode="PROVISIONED")


def test_an_on_demand_update_takes_no_throughput(loose, tables):
    table = tables.create()
    with invalid(
        INVALID + "ProvisionedThroughput cannot be specified when BillingMode is PAY_PER_REQUEST"
    ):
        loose.update_table(
            TableName=table.name,
            BillingMode="PAY_PER_REQUEST",
            ProvisionedThroughput=PROVISIONED,
        )
    with invalid(
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
        "BillingMode is PAY_PER_REQUEST"
    ):
        loose.update_table(TableName=table.name, ProvisionedThroughput=PROVISIONED)


def test_an_on_demand_table_may_be_made_so_again(client, tables):
    table = tables.create()
    answer = client.update_table(TableName=table.name, BillingMode="PAY_PER_REQUEST")
    assert answer["TableDescription"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


# Changes that are made together, or not.

PROTECT = {"DeletionProtectionEnabled": True}
CLASS = {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
ENCRYPT = {"SSESpecification": {"Enabled": True}}
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
MAXIMA = {"OnDemandThroughput": {"MaxReadRequestUnits": 5}}
WARM = {"WarmThroughput": {"ReadUnitsPerSecond": 13000}}
CAPACITY = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": PROVISIONED}


@pytest.mark.parametrize(
    "changes, said",
    [
        (PROTECT | ENCRYPT, "Server-Side Encryption modification must be the only operation"),
        (CAPACITY | ENCRYPT, "Server-Side Encryption modification must be the only operation"),
        (PROTECT | CLASS, "TableClass modification must be the only operation"),
        (PROTECT | STREAM, "DeletionProtection modification must be the only operation"),
        (PROTECT | MAXIMA, "DeletionProtection modification must be the only operation"),
        (PROTECT | WARM, "DeletionProtection modification must be the only operation"),
        (WARM | STREAM, "WarmThroughput must be the only operation in the request"),
        (MAXIMA | STREAM, "OnDemandThroughput can only be combined with BillingMode"),
        (MAXIMA | WARM, "OnDemandThroughput can only be combined with BillingMode"),
        (CAPACITY | STREAM, "You cannot modify stream status while updating table IOPS"),
    ],
)
def test_most_changes_are_made_alone(loose, tables, changes, said):
    table = tables.create()
    before = describe(loose, table)
    with refused(VALIDATION, contains=INVALID + said):
        loose.update_table(TableName=table.name, **changes)
    assert describe(loose, table) == before


def test_a_table_becomes_on_demand_with_a_maximum_or_a_stream(client, tables):
    for change, member in ((MAXIMA, "OnDemandThroughput"), (STREAM, "StreamSpecification")):
        table = tables.create(ProvisionedThroughput=PROVISIONED)
        client.update_table(TableName=table.name, BillingMode="PAY_PER_REQUEST", **change)
        wait_active(client, table.name)
        described = describe(client, table)
        assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert described[member] == change[member]


def test_a_table_is_updating_only_for_some_changes(client, tables):
    for change, status in ((PROTECT, "ACTIVE"), (MAXIMA, "ACTIVE"), (CLASS, "UPDATING")):
        table = tables.create()
        answer = client.update_table(TableName=table.name, **change)["TableDescription"]
        assert answer["TableStatus"] == status
        wait_active(client, table.name)
        client.update_table(TableName=table.name, DeletionProtectionEnabled=False)


def test_deletion_protection_is_switched_on_and_off(client, tables):
    table = tables.create()
    for wanted in (True, False):
        answer = client.update_table(TableName=table.name, DeletionProtectionEnabled=wanted)
        assert answer["TableDescription"]["DeletionProtectionEnabled"] is wanted
        wait_active(client, table.name)
        assert describe(client, table)["DeletionProtectionEnabled"] is wanted


def test_an_updated_table_keeps_its_items_and_its_id(client, tables):
    table = tables.create()
    table.put({"p": {"S": "a"}})
    before = describe(client, table)["TableId"]
    client.update_table(TableName=table.name, DeletionProtectionEnabled=True)
    wait_active(client, table.name)
    assert table.get({"p": {"S": "a"}}) == {"p": {"S": "a"}}
    assert describe(client, table)["TableId"] == before
    client.update_table(TableName=table.name, DeletionProtectionEnabled=False)
    wait_active(client, table.name)


# Replica updates, as far as one region alone can show them.


def create(region):
    return {"Create": {"RegionName": region}}


def replica(client, table, region):
    for one in describe(client, table).get("Replicas", []):
        if one["RegionName"] == region:
            return one
    return None


def test_a_created_replica_is_described_with_its_status(client, tables):
    table = tables.create()
    table.put({"p": {"S": "a"}})
    client.update_table(TableName=table.name, ReplicaUpdates=[create("eu-west-1")])
    one = wait_until(lambda: replica(client, table, "eu-west-1"), "the replica is described")
    assert one["ReplicaStatus"] in ("CREATING", "ACTIVE")
    described = describe(client, table)
    assert described["GlobalTableVersion"] == "2019.11.21"
    # A region is no replica of itself.
    assert [one["RegionName"] for one in described["Replicas"]] == ["eu-west-1"]


def test_a_table_getting_a_replica_still_takes_reads_and_writes(client, tables):
    table = tables.create()
    client.update_table(TableName=table.name, ReplicaUpdates=[create("eu-west-1")])
    table.put({"p": {"S": "a"}, "x": {"N": "1"}})
    assert table.get({"p": {"S": "a"}}) == {"p": {"S": "a"}, "x": {"N": "1"}}


def test_a_second_replica_while_one_is_being_created_is_refused(client, tables):
    table = tables.create()
    client.update_table(TableName=table.name, ReplicaUpdates=[create("eu-west-1")])
    if replica(client, table, "eu-west-1")["ReplicaStatus"] != "CREATING":
        pytest.skip("the replica is there already")
    with refused(IN_USE):
        client.update_table(TableName=table.name, ReplicaUpdates=[create("ap-northeast-1")])


def test_a_replica_in_the_region_itself_is_refused(loose, tables):
    with refused(VALIDATION, contains="local region"):
        loose.update_table(TableName=tables.create().name, ReplicaUpdates=[create("us-east-1")])


@pytest.mark.parametrize(
    "updates",
    [
        [],
        [{}],
        [{"Create": {}}],
        [{"Create": {"RegionName": "eu-west-1"}, "Delete": {"RegionName": "eu-west-1"}}],
        [create("eu-west-1"), create("ap-northeast-1")],
        [create("eu-west-1"), {"Delete": {"RegionName": "ap-northeast-1"}}],
    ],
    ids=["none", "no-action", "no-region", "two-actions", "two-replicas", "two-kinds"],
)
def test_malformed_replica_updates_are_refused(loose, tables, updates):
    table = tables.create()
    with refused(VALIDATION):
        loose.update_table(TableName=table.name, ReplicaUpdates=updates)
    assert not describe(loose, table).get("Replicas")


def test_a_replica_that_is_not_there_cannot_be_deleted(loose, tables):
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as caught:
        loose.update_table(
            TableName=tables.create().name,
            ReplicaUpdates=[{"Delete": {"RegionName": "eu-west-1"}}],
        )
    assert caught.value.response["Error"]["Code"] in (VALIDATION, "ReplicaNotFoundException")
