"""DescribeContinuousBackups, and UpdateContinuousBackups, which can switch recovery off only."""

import pytest

from support import VALIDATION, constraint, refused, unique

NO_RECOVERY = {
    # As of every new table there; backups are shown as on a little later.
    "ContinuousBackupsStatus": "DISABLED",
    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
}


@pytest.fixture
def table_s(tables):
    """A new table: what is said of an older one differs."""
    return tables.create()


def switch(client, name, **specification):
    return client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification=specification
    )


def test_a_table_cannot_be_recovered(client, table_s):
    arn = client.describe_table(TableName=table_s.name)["Table"]["TableArn"]
    for name in (table_s.name, arn):
        answer = client.describe_continuous_backups(TableName=name)
        assert answer["ContinuousBackupsDescription"] == NO_RECOVERY


def test_switching_recovery_off_changes_nothing(client, table_s):
    answer = switch(client, table_s.name, PointInTimeRecoveryEnabled=False)
    assert answer["ContinuousBackupsDescription"] == NO_RECOVERY


def test_switching_recovery_on_is_refused(client, table_s):
    with refused(VALIDATION, contains="not supported"):
        switch(client, table_s.name, PointInTimeRecoveryEnabled=True)


def test_a_table_that_is_not_there(client):
    name = unique("none-")
    with refused("TableNotFoundException", f"Table not found: {name}"):
        client.describe_continuous_backups(TableName=name)
    with refused("TableNotFoundException", f"Table not found: {name}"):
        switch(client, name, PointInTimeRecoveryEnabled=True)


def test_what_must_be_there(loose, table_s):
    with constraint(None, "tableName", "Member must not be null"):
        loose.describe_continuous_backups()
    with constraint(None, "pointInTimeRecoverySpecification", "Member must not be null"):
        loose.update_continuous_backups(TableName=table_s.name)
    with constraint(
        None,
        "pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled",
        "Member must not be null",
    ):
        switch(loose, table_s.name)


@pytest.mark.parametrize("days", [0, 36])
def test_the_period_has_bounds(loose, table_s, days):
    with refused(VALIDATION, contains="recoveryPeriodInDays"):
        switch(loose, table_s.name, PointInTimeRecoveryEnabled=False, RecoveryPeriodInDays=days)
