"""What is set of a global index's capacity: maxima, warm throughput, and the story of changes."""

import pytest

from indexes import create_index, described, index, wait_built
from support import INVALID, VALIDATION, invalid, refused

CAPACITY = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}
BASELINE = {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}


def update(client, table, name="by-p", **capacity):
    """Changes an index; what the answer shows of it."""
    change = {"Update": {"IndexName": name} | capacity}
    answer = client.update_table(TableName=table.name, GlobalSecondaryIndexUpdates=[change])
    shown = answer["TableDescription"]["GlobalSecondaryIndexes"]
    assert answer["TableDescription"]["TableStatus"] == "ACTIVE"
    return next(one for one in shown if one["IndexName"] == name)


def on_demand(tables, **capacity):
    return tables.create(GlobalSecondaryIndexes=[index("by-p", "p", **capacity)])


def provisioned(tables, **capacity):
    throughput = {"ProvisionedThroughput": CAPACITY}
    return tables.create(
        GlobalSecondaryIndexes=[index("by-p", "p", **(throughput | capacity))], **throughput
    )


# Maxima


def test_an_index_has_maxima_of_its_own(client, tables):
    assert "OnDemandThroughput" not in described(client, on_demand(tables), "by-p")
    table = on_demand(tables, OnDemandThroughput={"MaxReadRequestUnits": 7})
    assert described(client, table, "by-p")["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    assert "OnDemandThroughput" not in client.describe_table(TableName=table.name)["Table"]

    answer = update(client, table, OnDemandThroughput={"MaxWriteRequestUnits": 9})
    assert answer["IndexStatus"] == "UPDATING"
    both = {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 9}
    assert wait_built(client, table, "by-p")["OnDemandThroughput"] == both
    update(client, table, OnDemandThroughput=both)
    update(client, table, OnDemandThroughput={"MaxReadRequestUnits": -1})
    assert wait_built(client, table, "by-p")["OnDemandThroughput"] == {"MaxWriteRequestUnits": 9}
    update(client, table, OnDemandThroughput={"MaxWriteRequestUnits": -1})
    assert "OnDemandThroughput" not in wait_built(client, table, "by-p")


@pytest.mark.parametrize("unit", ["MaxReadRequestUnits", "MaxWriteRequestUnits"])
def test_a_maximum_is_at_least_one(client, tables, unit):
    message = (
        INVALID + f"Requested {unit} for OnDemandThroughput for index : by-p is outside of valid "
        "range"
    )
    for units in (0, -1):
        with invalid(message):
            on_demand(tables, OnDemandThroughput={unit: units})
    table = on_demand(tables)
    for units in (0, -2):
        with invalid(message):
            update(client, table, OnDemandThroughput={unit: units})


def test_maxima_are_for_indexes_of_on_demand_tables(client, tables):
    maxima = {"OnDemandThroughput": {"MaxWriteRequestUnits": 5}}
    with invalid(
        INVALID + "MaxWriteRequestUnits for OnDemandThroughput for index: by-p cannot be specified "
        "when table BillingMode is PROVISIONED."
    ):
        provisioned(tables, **maxima)
    table = provisioned(tables)
    with invalid(
        INVALID + "MaxWriteRequestUnits for OnDemandThroughput for index : by-p cannot be "
        "specified when the table BillingMode is PROVISIONED"
    ):
        update(client, table, **maxima)


def test_maxima_go_when_capacity_is_provisioned(client, tables):
    table = on_demand(tables, OnDemandThroughput={"MaxReadRequestUnits": 7})
    client.update_table(
        TableName=table.name,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=CAPACITY,
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": "by-p", "ProvisionedThroughput": CAPACITY}}
        ],
    )
    shown = wait_built(client, table, "by-p")
    assert "OnDemandThroughput" not in shown
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 5


# Warm throughput


def test_every_global_index_has_a_warm_throughput(client, tables):
    assert described(client, on_demand(tables), "by-p")["WarmThroughput"] == BASELINE
    shown = described(client, provisioned(tables), "by-p")["WarmThroughput"]
    assert shown == {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 3, "Status": "ACTIVE"}


def test_warm_throughput_of_an_index_grows(client, tables):
    table = on_demand(tables, WarmThroughput={"ReadUnitsPerSecond": 13000})
    warm = BASELINE | {"ReadUnitsPerSecond": 13000}
    assert described(client, table, "by-p")["WarmThroughput"] == warm
    answer = update(client, table, WarmThroughput={"WriteUnitsPerSecond": 4001})
    assert answer["IndexStatus"] == "ACTIVE"
    warm |= {"WriteUnitsPerSecond": 4001}
    assert described(client, table, "by-p")["WarmThroughput"] == warm
    update(client, table, WarmThroughput={"ReadUnitsPerSecond": 13000})
    with invalid(
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for index by-p is lower than "
        "current WarmThroughput, decreasing WarmThroughput is not supported"
    ):
        update(client, table, WarmThroughput={"ReadUnitsPerSecond": 12999})


def test_an_index_begins_with_no_less_than_it_has_anyway(tables):
    below = INVALID + "Requested WriteUnitsPerSecond for WarmThroughput for index by-p is lower than "
    with refused(VALIDATION, contains=below + "initial throughput for OnDemand. See: https://"):
        on_demand(tables, WarmThroughput={"WriteUnitsPerSecond": 3999})
    with invalid(below + "WriteCapacityUnits of ProvisionedThroughput"):
        provisioned(tables, WarmThroughput={"WriteUnitsPerSecond": 2})


def test_a_new_index_takes_maxima_and_warm_throughput(client, tables):
    table = tables.create()
    settings = {
        "OnDemandThroughput": {"MaxReadRequestUnits": 11, "MaxWriteRequestUnits": 12},
        "WarmThroughput": {"ReadUnitsPerSecond": 12001, "WriteUnitsPerSecond": 4002},
    }
    create_index(client, table, index("by-x", "x", **settings), x="S")
    shown = wait_built(client, table, "by-x")
    assert shown["OnDemandThroughput"] == settings["OnDemandThroughput"]
    assert shown["WarmThroughput"] == settings["WarmThroughput"] | {"Status": "ACTIVE"}
    with refused(VALIDATION, contains="for index : by-y is outside of valid range"):
        create_index(
            client, table, index("by-y", "y", OnDemandThroughput={"MaxReadRequestUnits": 0}), y="S"
        )


# The story of provisioned capacity


def test_an_index_counts_its_own_decreases(client, tables):
    table = provisioned(tables)
    shown = described(client, table, "by-p")["ProvisionedThroughput"]
    assert shown == CAPACITY | {"NumberOfDecreasesToday": 0}
    update(client, table, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9})
    shown = wait_built(client, table, "by-p")["ProvisionedThroughput"]
    assert "LastIncreaseDateTime" in shown and "LastDecreaseDateTime" not in shown
    for read, count in ((8, 1), (7, 2)):
        less = {"ReadCapacityUnits": read, "WriteCapacityUnits": 2}
        update(client, table, ProvisionedThroughput=less)
        shown = wait_built(client, table, "by-p")
        assert shown["ProvisionedThroughput"]["NumberOfDecreasesToday"] == count
        assert "LastDecreaseDateTime" in shown["ProvisionedThroughput"]
    assert shown["WarmThroughput"]["ReadUnitsPerSecond"] == 9
    whole = client.describe_table(TableName=table.name)["Table"]
    assert whole["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0


def test_an_unchanged_capacity_of_an_index_is_refused(client, tables):
    table = provisioned(tables)
    with invalid(
        "The provisioned throughput for the index by-p will not change. The requested value equals "
        "the current value. Current ReadCapacityUnits provisioned for index by-p: 5. Requested "
        "ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for index by-p: 3. Requested "
        "WriteCapacityUnits: 3. Refer to the Amazon DynamoDB Developer Guide for current limits and "
        "how to request higher limits."
    ):
        update(client, table, ProvisionedThroughput=CAPACITY)
