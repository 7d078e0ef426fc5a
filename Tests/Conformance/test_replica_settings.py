"""Which settings of a global table its replicas share, and which each has for itself."""

import pytest

from processes import Cluster
from support import VALIDATION, refused, schema, unique, wait_active, wait_gone, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE = "us-east-1", "eu-west-1"
PROVISIONED = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster([HOME, EUROPE])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def clients(cluster):
    return cluster.client(HOME), cluster.client(EUROPE)


def describe(client, name):
    return client.describe_table(TableName=name)["Table"]


def is_active(client, name):
    try:
        described = describe(client, name)
    except client.exceptions.ResourceNotFoundException:
        return False
    statuses = [one["ReplicaStatus"] for one in described.get("Replicas", [])]
    return described["TableStatus"] == "ACTIVE" and statuses == ["ACTIVE"]


def make(clients, overrides=None, **arguments):
    """A table in both regions."""
    name = unique("settings-")
    home, there = clients
    if "ProvisionedThroughput" not in arguments:
        arguments["BillingMode"] = "PAY_PER_REQUEST"
    home.create_table(TableName=name, **schema(), **arguments)
    wait_active(home, name)
    create = {"RegionName": EUROPE} | (overrides or {})
    home.update_table(TableName=name, ReplicaUpdates=[{"Create": create}])
    for client in (home, there):
        wait_until(lambda client=client: is_active(client, name), "the table is in both regions")
    return name


def update(client, name, **changes):
    client.update_table(TableName=name, **changes)


def tags(client, name):
    arn = describe(client, name)["TableArn"]
    return client.list_tags_of_resource(ResourceArn=arn)["Tags"]


def test_shared_settings_reach_the_other_region(clients):
    home, there = clients
    name = make(clients)
    update(home, name, OnDemandThroughput={"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 8})
    update(home, name, WarmThroughput={"ReadUnitsPerSecond": 12001})
    update(home, name, SSESpecification={"Enabled": True})
    update(there, name, TableClass="STANDARD_INFREQUENT_ACCESS")
    for client in clients:
        def agrees(client=client):
            seen = describe(client, name)
            return (
                seen.get("OnDemandThroughput")
                == {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 8}
                and seen["WarmThroughput"]["ReadUnitsPerSecond"] == 12001
                and seen.get("SSEDescription", {}).get("Status") == "ENABLED"
                and seen.get("TableClassSummary", {}).get("TableClass")
                == "STANDARD_INFREQUENT_ACCESS"
            )

        wait_until(agrees, "the settings are those of both regions")


def test_capacity_is_shared_and_read_capacity_may_differ(clients):
    home, there = clients
    override = {"ProvisionedThroughputOverride": {"ReadCapacityUnits": 50}}
    name = make(clients, override, ProvisionedThroughput=PROVISIONED)

    def capacity(client):
        seen = describe(client, name)["ProvisionedThroughput"]
        return seen["ReadCapacityUnits"], seen["WriteCapacityUnits"]

    assert capacity(home) == (5, 3)
    wait_until(lambda: capacity(there) == (50, 3), "the replica has its own read capacity")
    more = {"ReadCapacityUnits": 60, "WriteCapacityUnits": 9}
    update(there, name, ProvisionedThroughput=more)
    wait_until(lambda: capacity(home) == (5, 9), "write capacity is shared, that override is not")
    assert capacity(there) == (60, 9)
    change = {"RegionName": EUROPE, "ProvisionedThroughputOverride": {"ReadCapacityUnits": 70}}
    update(home, name, ReplicaUpdates=[{"Update": change}])
    wait_until(lambda: capacity(there) == (70, 9), "another region changes the override")
    (seen_from_home,) = describe(home, name)["Replicas"]
    assert seen_from_home["RegionName"] == EUROPE
    assert seen_from_home["ProvisionedThroughputOverride"] == {"ReadCapacityUnits": 70}
    (seen_from_there,) = describe(there, name)["Replicas"]
    assert seen_from_there["RegionName"] == HOME
    assert "ProvisionedThroughputOverride" not in seen_from_there


def test_tags_and_protection_are_each_regions_own(clients):
    home, there = clients
    name = make(clients, Tags=[{"Key": "a", "Value": "home"}], DeletionProtectionEnabled=True)
    assert tags(home, name) == [{"Key": "a", "Value": "home"}]
    assert tags(there, name) == []
    assert describe(there, name)["DeletionProtectionEnabled"] is False
    arn = describe(there, name)["TableArn"]
    there.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "there"}])
    update(home, name, TableClass="STANDARD_INFREQUENT_ACCESS")
    wait_until(lambda: "TableClassSummary" in describe(there, name), "a later change has arrived")
    assert tags(there, name) == [{"Key": "a", "Value": "there"}]
    assert tags(home, name) == [{"Key": "a", "Value": "home"}]
    with refused(VALIDATION, contains="protected against deletion"):
        home.delete_table(TableName=name)


def test_a_protected_replica_is_not_removed_from_elsewhere(clients):
    home, there = clients
    name = make(clients)
    update(there, name, DeletionProtectionEnabled=True)

    # A change that came after the protection has arrived; so has the protection.
    update(there, name, TableClass="STANDARD_INFREQUENT_ACCESS")
    wait_until(lambda: "TableClassSummary" in describe(home, name), "the protection has arrived")
    with refused(VALIDATION, contains="protected against deletion"):
        update(home, name, ReplicaUpdates=[{"Delete": {"RegionName": EUROPE}}])
    assert describe(there, name)["DeletionProtectionEnabled"] is True


def test_a_replica_that_comes_back_has_no_tags_of_before(clients):
    home, there = clients
    name = make(clients)
    there.tag_resource(
        ResourceArn=describe(there, name)["TableArn"], Tags=[{"Key": "old", "Value": "1"}]
    )
    update(home, name, ReplicaUpdates=[{"Delete": {"RegionName": EUROPE}}])
    wait_until(lambda: "Replicas" not in describe(home, name), "the replica is gone")
    wait_gone(there, name)
    update(home, name, ReplicaUpdates=[{"Create": {"RegionName": EUROPE}}])
    wait_until(lambda: is_active(there, name), "the replica is back")
    assert tags(there, name) == []
