"""Tables called by their ARN: every operation takes one, and answers call the table as asked."""

import pytest

from support import N, S, VALIDATION, constraint, refused, unique

TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


@pytest.fixture
def arn(client, table_ss):
    return client.describe_table(TableName=table_ss.name)["Table"]["TableArn"]


@pytest.fixture
def pair():
    return {"p": S(unique()), "c": S("a")}


def called(answer):
    return answer["ConsumedCapacity"]["TableName"]


def test_an_item_is_written_and_read(client, table_ss, arn, pair):
    name = table_ss.name
    assert called(client.put_item(TableName=arn, Item=pair, **TOTAL)) == arn
    assert client.get_item(TableName=name, Key=pair)["Item"] == pair
    assert called(client.get_item(TableName=arn, Key=pair, **TOTAL)) == arn
    assert called(client.get_item(TableName=name, Key=pair, **TOTAL)) == name
    updated = client.update_item(
        TableName=arn,
        Key=pair,
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": N(1)},
        **TOTAL,
    )
    assert called(updated) == arn
    assert called(client.delete_item(TableName=arn, Key=pair, **TOTAL)) == arn
    assert "Item" not in client.get_item(TableName=arn, Key=pair)


def test_items_are_searched(client, table_ss, arn, pair):
    table_ss.put(pair)
    found = client.query(
        TableName=arn,
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": pair["p"]},
        **TOTAL,
    )
    assert (found["Items"], called(found)) == ([pair], arn)
    assert called(client.scan(TableName=arn, Limit=1, **TOTAL)) == arn


def test_batches(client, table_ss, arn, pair):
    written = client.batch_write_item(
        RequestItems={arn: [{"PutRequest": {"Item": pair}}]}, **TOTAL
    )
    assert [part["TableName"] for part in written["ConsumedCapacity"]] == [arn]
    read = client.batch_get_item(RequestItems={arn: {"Keys": [pair]}}, **TOTAL)
    assert read["Responses"] == {arn: [pair]}
    assert [part["TableName"] for part in read["ConsumedCapacity"]] == [arn]


def test_a_table_called_in_two_ways_is_read_once(client, table_ss, arn, pair):
    table_ss.put(pair)
    part = {"Keys": [pair]}
    read = client.batch_get_item(RequestItems={arn: part, table_ss.name: part})
    assert list(read["Responses"].values()) == [[pair]]
    writes = [{"PutRequest": {"Item": pair}}]
    with refused(VALIDATION, contains="more than once"):
        client.batch_write_item(RequestItems={arn: writes, table_ss.name: writes})


def test_what_a_batch_leaves_is_called_the_same(client, tables):
    table = tables.create()
    keys = [{"p": S(str(n))} for n in range(45)]
    for key in keys:
        table.put(key | {"a": S("x" * 390_000)})
    arn = client.describe_table(TableName=table.name)["Table"]["TableArn"]
    left = client.batch_get_item(RequestItems={arn: {"Keys": keys}})["UnprocessedKeys"]
    assert list(left) == [arn]


def test_transactions(client, table_ss, arn, pair):
    other = pair | {"c": S("b")}
    written = client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": arn, "Item": pair}},
            {"Put": {"TableName": table_ss.name, "Item": other}},
        ],
        **TOTAL,
    )
    assert [part["TableName"] for part in written["ConsumedCapacity"]] == [arn]
    read = client.transact_get_items(
        TransactItems=[{"Get": {"TableName": arn, "Key": pair}}], **TOTAL
    )
    assert [part["TableName"] for part in read["ConsumedCapacity"]] == [arn]
    assert [part["Item"] for part in read["Responses"]] == [pair]


def test_descriptions(client, table_ss, arn):
    assert client.describe_table(TableName=arn)["Table"]["TableName"] == table_ss.name
    assert client.describe_time_to_live(TableName=arn)["TimeToLiveDescription"]
    assert client.describe_continuous_backups(TableName=arn)["ContinuousBackupsDescription"]


def test_a_table_is_changed_and_deleted(client, tables):
    table = tables.create()
    arn = client.describe_table(TableName=table.name)["Table"]["TableArn"]
    changed = client.update_table(TableName=arn, DeletionProtectionEnabled=False)
    assert changed["TableDescription"]["TableName"] == table.name
    deleted = client.delete_table(TableName=arn)
    assert deleted["TableDescription"]["TableName"] == table.name


ELSEWHERE = "1 validation error detected: Invalid AWS"
FORM = (
    "Valid ARN format is "
    "'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/resourceName', where "
    "Resource name must have length less than or equal to 255, Resource name must have length "
    "greater than or equal to 3, "
    "Resource name must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
)


def asked_in_every_way(loose, arn):
    """Requests that call a table by its ARN, each in a place of its own."""
    key = {"p": S("a"), "c": S("a")}
    return [
        lambda: loose.describe_table(TableName=arn),
        lambda: loose.get_item(TableName=arn, Key=key),
        lambda: loose.batch_get_item(RequestItems={arn: {"Keys": [key]}}),
        lambda: loose.transact_get_items(TransactItems=[{"Get": {"TableName": arn, "Key": key}}]),
        lambda: loose.transact_write_items(
            TransactItems=[{"Delete": {"TableName": arn, "Key": key}}]
        ),
    ]


@pytest.mark.parametrize(
    "part, other, message",
    [
        (3, "eu-west-1", "region"),
        (1, "aws-cn", "partition"),
    ],
)
def test_a_table_of_another_region_is_refused(loose, arn, part, other, message):
    parts = arn.split(":")
    parts[part] = other
    elsewhere = ":".join(parts)
    for ask in asked_in_every_way(loose, elsewhere):
        with refused(VALIDATION, f"{ELSEWHERE} {message} in '{elsewhere}'"):
            ask()


def test_a_table_of_another_account_is_refused(loose, arn):
    others = arn.replace(":000000000000:", ":111111111111:")
    for ask in asked_in_every_way(loose, others):
        with refused("AccessDeniedException", contains=f"on resource: {others} because"):
            ask()


@pytest.mark.parametrize(
    "make, rule",
    [
        (lambda arn: arn + "/index/x", FORM),
        (lambda arn: arn.replace(":dynamodb:", ":s3:"), FORM),
        (lambda arn: arn.rsplit(":", 1)[0] + ":table", FORM),
        (lambda arn: "arn:aws:dynamodb", FORM),
        (lambda arn: arn.rsplit("/", 1)[0] + "/a!bc", FORM),
        (lambda arn: arn.replace(":table/", ":stream/"), "Invalid resource type"),
        (
            lambda arn: arn.rsplit("/", 1)[0] + "/ab",
            "Table name of ARN must have length greater than or equal to 3",
        ),
    ],
    ids=["index", "service", "no-name", "short", "characters", "type", "short-name"],
)
def test_an_arn_of_no_table_is_refused(loose, arn, make, rule):
    wrong = make(arn)
    for ask in (
        lambda: loose.describe_table(TableName=wrong),
        lambda: loose.get_item(TableName=wrong, Key={"p": S("a")}),
    ):
        with constraint(wrong, "tableName", rule):
            ask()
