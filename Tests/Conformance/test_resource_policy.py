"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: kept, conditional, given back."""

import json

import pytest

from support import NOT_FOUND, VALIDATION, refused, unique

NO_POLICY = "PolicyNotFoundException"


def policy(action="dynamodb:GetItem"):
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def arn(client, tables):
    return client.describe_table(TableName=tables.create().name)["Table"]["TableArn"]


def test_a_policy_is_put_read_replaced_and_deleted(client, arn):
    with refused(NO_POLICY):
        client.get_resource_policy(ResourceArn=arn)
    first = client.put_resource_policy(ResourceArn=arn, Policy=policy())["RevisionId"]
    got = client.get_resource_policy(ResourceArn=arn)
    assert (got["Policy"], got["RevisionId"]) == (policy(), first)
    second = client.put_resource_policy(ResourceArn=arn, Policy=policy("dynamodb:Scan"))
    assert client.delete_resource_policy(ResourceArn=arn)["RevisionId"] == second["RevisionId"]
    with refused(NO_POLICY):
        client.get_resource_policy(ResourceArn=arn)
    assert "RevisionId" not in client.delete_resource_policy(ResourceArn=arn)


def test_the_same_policy_again_is_the_same_revision(client, arn):
    first = client.put_resource_policy(ResourceArn=arn, Policy=policy())["RevisionId"]
    assert client.put_resource_policy(ResourceArn=arn, Policy=policy())["RevisionId"] == first


def test_a_revision_is_expected(client, arn):
    with refused(NO_POLICY):
        client.put_resource_policy(ResourceArn=arn, Policy=policy(), ExpectedRevisionId="1")
    first = client.put_resource_policy(
        ResourceArn=arn, Policy=policy(), ExpectedRevisionId="NO_POLICY"
    )["RevisionId"]
    with refused(NO_POLICY):
        client.put_resource_policy(
            ResourceArn=arn, Policy=policy("x:y"), ExpectedRevisionId="NO_POLICY"
        )
    with refused(NO_POLICY):
        client.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId="1")
    client.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=first)


def test_a_table_is_made_with_a_policy(client, tables):
    table = tables.create(ResourcePolicy=policy())
    arn = client.describe_table(TableName=table.name)["Table"]["TableArn"]
    assert client.get_resource_policy(ResourceArn=arn)["Policy"] == policy()


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"Version": "2012-10-17"}'])
def test_what_is_no_policy_is_refused(loose, arn, text):
    with refused(VALIDATION, contains="policy document"):
        loose.put_resource_policy(ResourceArn=arn, Policy=text)


def test_a_large_policy_is_refused(loose, arn):
    with refused(VALIDATION, contains="maximum size"):
        loose.put_resource_policy(ResourceArn=arn, Policy=policy("x" * 21_000))


def test_a_table_that_is_not_there_has_no_policy(client, arn):
    with refused(NOT_FOUND):
        client.get_resource_policy(ResourceArn=arn + "x")
    with refused(NOT_FOUND):
        client.put_resource_policy(ResourceArn=arn + "x", Policy=policy())
