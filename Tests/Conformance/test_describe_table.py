"""DescribeTable and ListTables."""

import datetime

import pytest

from support import NOT_FOUND, VALIDATION, constraint, refused, unique


def test_a_table_that_is_not_there_is_not_found(client):
    name = unique("none-")
    with refused(NOT_FOUND, f"Requested resource not found: Table: {name} not found"):
        client.describe_table(TableName=name)


def test_a_table_has_the_time_it_was_made(client, tables):
    table = tables.create()
    made = client.describe_table(TableName=table.name)["Table"]["CreationDateTime"]
    age = datetime.datetime.now(datetime.timezone.utc) - made
    assert abs(age.total_seconds()) < 120


def test_the_time_is_a_number_of_seconds(raw, table_s):
    made = raw.call("DescribeTable", {"TableName": table_s.name}).json()["Table"]["CreationDateTime"]
    assert isinstance(made, (int, float))
    assert 1.6e9 < made < 1e11


def test_a_single_region_table_shows_no_replicas(client, tables):
    described = client.describe_table(TableName=tables.create().name)["Table"]
    assert not described.get("Replicas")
    assert "GlobalTableVersion" not in described


def test_a_table_is_found_by_its_arn(client, table_s):
    arn = client.describe_table(TableName=table_s.name)["Table"]["TableArn"]
    assert client.describe_table(TableName=arn)["Table"]["TableName"] == table_s.name


def test_a_missing_name_is_refused(loose):
    with constraint(None, "tableName", "Member must not be null"):
        loose.describe_table()


def test_new_tables_are_listed_in_order(client, tables):
    made = sorted(tables.create(name=unique("list-")).name for _ in range(3))
    listed = _all_names(client)
    assert [name for name in listed if name in made] == made
    assert listed == sorted(listed)


def _all_names(client, limit=None):
    names, start = [], {}
    while True:
        page = client.list_tables(**({"Limit": limit} if limit else {}), **start)
        assert limit is None or len(page["TableNames"]) <= limit
        names += page["TableNames"]
        if "LastEvaluatedTableName" not in page:
            return names
        start = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}


def test_a_list_is_paged_by_its_limit(client, tables):
    made = {tables.create(name=unique("page-")).name for _ in range(3)}
    names = _all_names(client, limit=1)
    assert made <= set(names)
    assert len(names) == len(set(names))


def test_a_full_page_names_its_last_table(client, tables):
    for _ in range(2):
        tables.create()
    page = client.list_tables(Limit=1)
    assert page["LastEvaluatedTableName"] == page["TableNames"][-1]


def test_a_list_may_start_after_a_name_that_is_no_table(client, tables):
    name = tables.create(name=unique("start-")).name
    page = client.list_tables(ExclusiveStartTableName=name[:-1])
    assert page["TableNames"][0] == name


@pytest.mark.parametrize("limit, rule", [(0, "greater than or equal to 1"),
                                         (101, "less than or equal to 100")])
def test_a_limit_of_the_list_is_1_to_100(loose, limit, rule):
    with constraint(limit, "limit", f"Member must have value {rule}"):
        loose.list_tables(Limit=limit)


def test_a_start_that_is_no_name_is_refused(loose):
    with refused(VALIDATION, contains="exclusiveStartTableName"):
        loose.list_tables(ExclusiveStartTableName="a;b")
