"""DescribeTableReplicaAutoScaling and UpdateTableReplicaAutoScaling: settings kept and shown."""

import pytest

from support import NOT_FOUND, VALIDATION, constraint, refused, unique

PROVISIONED = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}


def scaling(target=70.0, **rest):
    policy = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": target}}
    return {"MinimumUnits": 5, "MaximumUnits": 50, "ScalingPolicyUpdate": policy} | rest


def replica(answer):
    (one,) = answer["TableAutoScalingDescription"]["Replicas"]
    return one


@pytest.fixture
def table(tables):
    return tables.create(ProvisionedThroughput=PROVISIONED)


def test_a_table_has_none_at_first(client, table):
    answer = client.describe_table_replica_auto_scaling(TableName=table.name)
    description = answer["TableAutoScalingDescription"]
    assert (description["TableName"], description["TableStatus"]) == (table.name, "ACTIVE")
    assert replica(answer) == {"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"}


def test_settings_are_kept_and_change_in_part(client, table):
    read = "ReplicaProvisionedReadCapacityAutoScalingUpdate"
    client.update_table_replica_auto_scaling(
        TableName=table.name,
        ProvisionedWriteCapacityAutoScalingUpdate=scaling(),
        ReplicaUpdates=[{"RegionName": "us-east-1", read: scaling(42.5)}],
    )
    client.update_table_replica_auto_scaling(
        TableName=table.name,
        ProvisionedWriteCapacityAutoScalingUpdate={"MaximumUnits": 60},
    )
    one = replica(client.describe_table_replica_auto_scaling(TableName=table.name))
    write = one["ReplicaProvisionedWriteCapacityAutoScalingSettings"]
    assert (write["MinimumUnits"], write["MaximumUnits"]) == (5, 60)
    configuration = "TargetTrackingScalingPolicyConfiguration"
    assert write["ScalingPolicies"][0][configuration]["TargetValue"] == 70
    read = one["ReplicaProvisionedReadCapacityAutoScalingSettings"]
    assert read["ScalingPolicies"][0][configuration]["TargetValue"] == 42.5


@pytest.mark.parametrize(
    "settings",
    [
        {"MinimumUnits": 5},
        {"MinimumUnits": 9, "MaximumUnits": 8},
        {"MinimumUnits": 0, "MaximumUnits": 8},
        scaling(19.9),
        scaling(90.1),
        scaling(AutoScalingRoleArn=""),
        {"MinimumUnits": 1, "MaximumUnits": 2, "ScalingPolicyUpdate": {"PolicyName": "x"}},
    ],
)
def test_settings_that_make_no_sense_are_refused(loose, table, settings):
    with refused(VALIDATION):
        loose.update_table_replica_auto_scaling(
            TableName=table.name, ProvisionedWriteCapacityAutoScalingUpdate=settings
        )
    assert len(replica(loose.describe_table_replica_auto_scaling(TableName=table.name))) == 2


def test_what_must_be_there(loose, table, tables):
    with refused(VALIDATION, contains="At least one of"):
        loose.update_table_replica_auto_scaling(TableName=table.name)
    with constraint(None, "tableName", "Member must not be null"):
        loose.describe_table_replica_auto_scaling()
    with refused(NOT_FOUND):
        loose.describe_table_replica_auto_scaling(TableName=unique("none-"))
    with refused(VALIDATION, contains="PROVISIONED"):
        loose.update_table_replica_auto_scaling(
            TableName=tables.create().name, ProvisionedWriteCapacityAutoScalingUpdate=scaling()
        )
    with refused(VALIDATION):
        loose.update_table_replica_auto_scaling(
            TableName=table.name, ReplicaUpdates=[
                {
                    "RegionName": "mars-north-1",
                    "ReplicaProvisionedReadCapacityAutoScalingUpdate": scaling(),
                }
            ],
        )
