"""The global tables of 2017: tables that are there in several regions and are made one."""

import pytest

from processes import Cluster
from support import (
    S, Table, VALIDATION, constraint, refused, schema, unique, wait_active, wait_until,
)

HOME, EUROPE = "us-east-1", "eu-west-1"
NOT_GLOBAL = "GlobalTableNotFoundException"
BOTH_IMAGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
PROVISIONED = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}


# What one region alone shows.


def make(client, **arguments):
    name = unique("old-")
    if "ProvisionedThroughput" not in arguments:
        arguments["BillingMode"] = "PAY_PER_REQUEST"
    arguments = {"StreamSpecification": BOTH_IMAGES} | schema() | arguments
    client.create_table(TableName=name, **arguments)
    wait_active(client, name)
    return name


@pytest.fixture
def single(client):
    """A global table of one region, and what creating it answered."""
    name = make(client, ProvisionedThroughput=PROVISIONED)
    answer = client.create_global_table(
        GlobalTableName=name, ReplicationGroup=[{"RegionName": HOME}]
    )
    yield name, answer["GlobalTableDescription"]
    client.delete_table(TableName=name)


def test_a_table_becomes_a_global_one(client, single):
    name, answer = single
    assert answer["GlobalTableName"] == name
    assert answer["GlobalTableStatus"] == "CREATING"
    assert [one["RegionName"] for one in answer["ReplicationGroup"]] == [HOME]
    described = client.describe_global_table(GlobalTableName=name)["GlobalTableDescription"]
    assert described["GlobalTableStatus"] == "ACTIVE"
    assert described["GlobalTableArn"].endswith(f":global-table/{name}")
    assert "CreationDateTime" in described
    table = client.describe_table(TableName=name)["Table"]
    assert table["GlobalTableVersion"] == "2017.11.29"


def test_a_global_table_is_made_once(client, single):
    with refused("GlobalTableAlreadyExistsException", contains="already exists"):
        client.create_global_table(
            GlobalTableName=single[0], ReplicationGroup=[{"RegionName": HOME}]
        )


def test_global_tables_are_listed(client, single):
    listed = client.list_global_tables(RegionName=HOME)["GlobalTables"]
    assert {"GlobalTableName": single[0], "ReplicationGroup": [{"RegionName": HOME}]} in listed
    assert client.list_global_tables(RegionName="mars-north-1")["GlobalTables"] == []
    page = client.list_global_tables(Limit=1, ExclusiveStartGlobalTableName=single[0][:-1])
    assert page["GlobalTables"][0]["GlobalTableName"] == single[0]


def test_what_is_no_global_table_is_not_found(client, tables):
    for name in (unique("none-"), tables.create().name):
        for call in (
            lambda name=name: client.describe_global_table(GlobalTableName=name),
            lambda name=name: client.describe_global_table_settings(GlobalTableName=name),
            lambda name=name: client.update_global_table_settings(
                GlobalTableName=name, GlobalTableBillingMode="PAY_PER_REQUEST"
            ),
            lambda name=name: client.update_global_table(
                GlobalTableName=name, ReplicaUpdates=[{"Create": {"RegionName": EUROPE}}]
            ),
        ):
            with refused(NOT_GLOBAL, contains=f"Global table with name: '{name}' does not exist"):
                call()
        assert name not in str(client.list_global_tables())


def test_a_table_that_is_not_there_becomes_no_global_one(client):
    with refused("TableNotFoundException"):
        client.create_global_table(
            GlobalTableName=unique("none-"), ReplicationGroup=[{"RegionName": HOME}]
        )


def test_a_table_with_items_becomes_no_global_one(client, tables):
    table = tables.create(StreamSpecification=BOTH_IMAGES)
    table.put({"p": S("a")})
    with refused(VALIDATION, contains="must be empty"):
        client.create_global_table(
            GlobalTableName=table.name, ReplicationGroup=[{"RegionName": HOME}]
        )


def test_a_table_without_both_images_becomes_no_global_one(client, tables):
    keys_only = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    for table in (tables.create(), tables.create(StreamSpecification=keys_only)):
        with refused(VALIDATION, contains="NEW_AND_OLD_IMAGES"):
            client.create_global_table(
                GlobalTableName=table.name, ReplicationGroup=[{"RegionName": HOME}]
            )


def test_replicas_that_are_there_or_not(client, single):
    with refused("ReplicaAlreadyExistsException", contains=HOME):
        client.update_global_table(
            GlobalTableName=single[0], ReplicaUpdates=[{"Create": {"RegionName": HOME}}]
        )
    with refused("ReplicaNotFoundException", contains=EUROPE):
        client.update_global_table(
            GlobalTableName=single[0], ReplicaUpdates=[{"Delete": {"RegionName": EUROPE}}]
        )


def test_what_must_be_there(loose, single):
    with constraint(None, "globalTableName", "Member must not be null"):
        loose.describe_global_table()
    with constraint(None, "replicationGroup", "Member must not be null"):
        loose.create_global_table(GlobalTableName="abc")
    with constraint(None, "replicaUpdates", "Member must not be null"):
        loose.update_global_table(GlobalTableName="abc")
    with constraint("0", "limit", "Member must have value greater than or equal to 1"):
        loose.list_global_tables(Limit=0)
    with refused(VALIDATION):
        loose.create_global_table(GlobalTableName=single[0], ReplicationGroup=[])
    with refused(VALIDATION):
        loose.update_global_table(GlobalTableName=single[0], ReplicaUpdates=[{}])
    with refused(VALIDATION):
        loose.update_global_table_settings(GlobalTableName=single[0])


def settings(client, name):
    return client.describe_global_table_settings(GlobalTableName=name)["ReplicaSettings"]


def test_settings_are_described_and_changed(client, single):
    name, _ = single
    (replica,) = settings(client, name)
    assert replica["RegionName"] == HOME
    assert replica["ReplicaStatus"] == "ACTIVE"
    assert replica["ReplicaBillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert replica["ReplicaProvisionedReadCapacityUnits"] == 5
    assert replica["ReplicaProvisionedWriteCapacityUnits"] == 3
    scaling = {
        "MinimumUnits": 1,
        "MaximumUnits": 10,
        "ScalingPolicyUpdate": {
            "PolicyName": "half",
            "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.5, "DisableScaleIn": True},
        },
    }
    answer = client.update_global_table_settings(
        GlobalTableName=name,
        GlobalTableProvisionedWriteCapacityUnits=30,
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate=scaling,
        ReplicaSettingsUpdate=[
            {
                "RegionName": HOME,
                "ReplicaProvisionedReadCapacityUnits": 50,
                "ReplicaTableClass": "STANDARD_INFREQUENT_ACCESS",
            }
        ],
    )
    (replica,) = answer["ReplicaSettings"]
    assert replica["ReplicaProvisionedReadCapacityUnits"] == 50
    assert replica["ReplicaProvisionedWriteCapacityUnits"] == 30
    assert replica["ReplicaTableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    write = replica["ReplicaProvisionedWriteCapacityAutoScalingSettings"]
    assert (write["MinimumUnits"], write["MaximumUnits"]) == (1, 10)
    assert write["AutoScalingDisabled"] is False
    policy = write["ScalingPolicies"][0]
    assert policy["PolicyName"] == "half"
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 50.5, "DisableScaleIn": True,
    }
    assert settings(client, name) == answer["ReplicaSettings"]
    throughput = client.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (50, 30)
    client.update_global_table_settings(
        GlobalTableName=name, GlobalTableBillingMode="PAY_PER_REQUEST"
    )
    (replica,) = settings(client, name)
    assert replica["ReplicaBillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert replica["ReplicaProvisionedReadCapacityUnits"] == 0


def test_settings_of_what_is_not_there_are_refused(client, single):
    name, _ = single
    with refused("ReplicaNotFoundException"):
        client.update_global_table_settings(
            GlobalTableName=name,
            ReplicaSettingsUpdate=[
                {"RegionName": EUROPE, "ReplicaProvisionedReadCapacityUnits": 5}
            ],
        )
    with refused("IndexNotFoundException"):
        client.update_global_table_settings(
            GlobalTableName=name,
            GlobalTableGlobalSecondaryIndexSettingsUpdate=[
                {"IndexName": "none-such", "ProvisionedWriteCapacityUnits": 5}
            ],
        )


def test_settings_are_of_one_to_twenty_indexes(loose, single):
    name, _ = single
    index = {"IndexName": "none-such", "ProvisionedReadCapacityUnits": 5}
    for indexes, rule in (
        ([], "greater than or equal to 1"),
        ([index] * 21, "less than or equal to 20"),
    ):
        with refused(VALIDATION, contains=f"Member must have length {rule}"):
            loose.update_global_table_settings(
                GlobalTableName=name,
                ReplicaSettingsUpdate=[
                    {"RegionName": HOME, "ReplicaGlobalSecondaryIndexSettingsUpdate": indexes}
                ],
            )


# Two regions.


@pytest.fixture(scope="module")
def clients():
    cluster = Cluster([HOME, EUROPE])
    try:
        cluster.start()
        yield cluster.client(HOME), cluster.client(EUROPE)
    finally:
        cluster.stop()


def replicas(client, name):
    described = client.describe_global_table(GlobalTableName=name)["GlobalTableDescription"]
    return {one["RegionName"]: one for one in described["ReplicationGroup"]}


def unite(home, name, regions=(HOME, EUROPE)):
    home.create_global_table(
        GlobalTableName=name, ReplicationGroup=[{"RegionName": one} for one in regions]
    )


def is_one(client, name):
    try:
        described = replicas(client, name)
    except client.exceptions.GlobalTableNotFoundException:
        return False
    return [one["ReplicaStatus"] for one in described.values()] == ["ACTIVE", "ACTIVE"]


def make_both(clients, **there):
    home, other = clients
    name = make(home)
    wait_active(home, name)
    arguments = {"BillingMode": "PAY_PER_REQUEST", "StreamSpecification": BOTH_IMAGES}
    arguments |= schema() | there
    other.create_table(TableName=name, **arguments)
    wait_active(other, name)
    return name


@pytest.mark.processes
def test_two_empty_tables_become_one(clients):
    home, there = clients
    name = make_both(clients)
    unite(home, name)
    for client in clients:
        wait_until(lambda client=client: is_one(client, name), "the table is one in both regions")
    Table(home, name).put({"p": S("a")})
    wait_until(lambda: Table(there, name).get({"p": S("a")}), "a write travels")
    Table(there, name).put({"p": S("b")})
    wait_until(lambda: Table(home, name).get({"p": S("b")}), "and one the other way")
    assert name in str(there.list_global_tables(RegionName=HOME))


def failure(client, name):
    replica = replicas(client, name)[EUROPE]
    if replica["ReplicaStatus"] == "CREATION_FAILED":
        return replica["ReplicaStatusDescription"]
    return None


@pytest.mark.processes
def test_a_region_without_the_table_does_not_join(clients):
    home, _ = clients
    name = make(home)
    unite(home, name)
    why = wait_until(lambda: failure(home, name), "the region has refused")
    assert "no table of that name" in why


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["items", "schema", "stream"])
def test_a_table_that_does_not_fit_stays_as_it_is(clients, kind):
    home, there = clients
    other = {
        "items": {},
        "schema": schema("N"),
        "stream": {"StreamSpecification": {"StreamEnabled": False}},
    }
    name = make_both(clients, **other[kind])
    if kind == "items":
        Table(there, name).put({"p": S("a")})
    before = there.describe_table(TableName=name)["Table"]["TableId"]
    unite(home, name)
    assert "not empty" in wait_until(lambda: failure(home, name), "the region has refused")
    assert there.describe_table(TableName=name)["Table"]["TableId"] == before
    if kind == "items":
        assert Table(there, name).get({"p": S("a")})


@pytest.mark.processes
def test_replicas_come_and_go_later(clients):
    home, there = clients
    name = make_both(clients)
    unite(home, name, [HOME])
    assert list(replicas(home, name)) == [HOME]
    change = {"RegionName": EUROPE}
    answer = home.update_global_table(GlobalTableName=name, ReplicaUpdates=[{"Create": change}])
    assert answer["GlobalTableDescription"]["GlobalTableStatus"] == "UPDATING"
    wait_until(lambda: is_one(home, name), "the replica is there")
    home.update_global_table(GlobalTableName=name, ReplicaUpdates=[{"Delete": change}])
    wait_until(lambda: list(replicas(home, name)) == [HOME], "the replica is gone")
