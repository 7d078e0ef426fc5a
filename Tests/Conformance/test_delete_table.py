"""DeleteTable."""

from support import (
    NOT_FOUND, VALIDATION, constraint, refused, unique, wait_active, wait_gone,
)


def test_a_deleted_table_is_described_once_more_and_is_gone(client, tables):
    table = tables.create()
    answer = client.delete_table(TableName=table.name)
    assert answer["TableDescription"]["TableName"] == table.name
    assert answer["TableDescription"]["TableStatus"] == "DELETING"
    wait_gone(client, table.name)
    with refused(NOT_FOUND, "Requested resource not found"):
        table.get({"p": {"S": "a"}})


def test_a_deleted_table_is_listed_no_more(client, tables):
    table = tables.create(name=unique("0-"))
    client.delete_table(TableName=table.name)
    wait_gone(client, table.name)
    assert table.name not in client.list_tables()["TableNames"]


def test_a_table_that_is_not_there_cannot_be_deleted(client):
    name = unique("none-")
    with refused(NOT_FOUND, f"Requested resource not found: Table: {name} not found"):
        client.delete_table(TableName=name)


def test_a_missing_name_is_refused(loose):
    with constraint(None, "tableName", "Member must not be null"):
        loose.delete_table()


def test_a_protected_table_is_not_deleted(client, tables):
    table = tables.create(DeletionProtectionEnabled=True)
    table.put({"p": {"S": "a"}})
    with refused(VALIDATION, contains="protected against deletion"):
        client.delete_table(TableName=table.name)
    assert table.get({"p": {"S": "a"}}) is not None
    client.update_table(TableName=table.name, DeletionProtectionEnabled=False)
    wait_active(client, table.name)
    client.delete_table(TableName=table.name)
    wait_gone(client, table.name)
