"""PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: kept, conditional, given back."""

import json

import pytest

from support import INVALID, NOT_FOUND, VALIDATION, invalid, refused

NO_POLICY = "PolicyNotFoundException"


ABSENT = "Resource-based policy not found for the provided ResourceArn: "
WRONG = INVALID + "Invalid policy document: "


def policy(action="dynamodb:GetItem", **parts):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": action,
        "Resource": "*",
    } | parts
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
    name = arn.rpartition("/")[2]

    def put(action, revision):
        return client.put_resource_policy(
            ResourceArn=arn, Policy=policy(action), ExpectedRevisionId=revision
        )["RevisionId"]

    with refused(NO_POLICY, contains="revision id 1"):
        put("dynamodb:GetItem", "1")
    first = put("dynamodb:GetItem", "NO_POLICY")
    with refused(
        NO_POLICY,
        ABSENT + f"Requested policy update expecting none to be present for table {name}, but a "
        f"policy exists with revision id {first}.",
    ):
        put("dynamodb:Scan", "NO_POLICY")
    another = (
        ABSENT + "Requested update for policy with revision id {}, but the policy associated to "
        f"target table {name} has revision id {{}}."
    )
    second = put("dynamodb:Scan", first)
    assert second > first
    with refused(NO_POLICY, another.format(first, second)):
        put("dynamodb:Query", first)
    with refused(NO_POLICY, another.format("unknown", second)):
        client.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId="unknown")
    client.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=second)


def test_a_table_is_made_with_a_policy(client, tables):
    table = tables.create(ResourcePolicy=policy())
    arn = client.describe_table(TableName=table.name)["Table"]["TableArn"]
    assert client.get_resource_policy(ResourceArn=arn)["Policy"] == policy()


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "This policy contains invalid Json"),
        ("{", "This policy contains invalid Json"),
        ("[]", "This policy contains invalid Json"),
        ("null", "This text appears not to be a policy"),
        ("{}", "Syntax error at position (1,3)"),
        ('{"Statement": []}', "Could not parse the policy: Statement is empty!"),
        ('{"Statement": [{}]}', "Missing required field Effect"),
        (policy().replace("Resource", "Thing"), "Missing required field Resource"),
        (
            json.dumps({"Statement": [json.loads(policy(Sid="a"))["Statement"][0]] * 2}),
            "The Statement Ids in the policy are not unique",
        ),
    ],
)
def test_what_is_no_policy_is_refused(loose, arn, text, message):
    with invalid(WRONG + message):
        loose.put_resource_policy(ResourceArn=arn, Policy=text)
    with refused(NO_POLICY):
        loose.get_resource_policy(ResourceArn=arn)


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["000000000000", "*"]}])
def test_a_policy_that_lets_all_in_is_refused(client, arn, principal):
    with refused(VALIDATION, contains="grants unbounded access"):
        client.put_resource_policy(ResourceArn=arn, Policy=policy(Principal=principal))
    for bounded in ({"Effect": "Deny"}, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}):
        text = policy(Principal=principal, **bounded)
        client.put_resource_policy(ResourceArn=arn, Policy=text)


def test_a_large_policy_is_refused(loose, arn):
    with invalid(INVALID + "Maximum policy size of 20480 bytes exceeded"):
        loose.put_resource_policy(ResourceArn=arn, Policy=policy("x" * 21_000))


def test_arns_that_name_no_table(client, arn):
    calls = [
        client.get_resource_policy,
        client.delete_resource_policy,
        lambda ResourceArn: client.put_resource_policy(ResourceArn=ResourceArn, Policy=policy()),
    ]
    name = arn.rpartition("/")[2]
    elsewhere = arn.replace(":us-east-1:", ":eu-west-9:")
    for call in calls:
        with refused(NOT_FOUND, f"Requested resource not found: Table: {name}x not found"):
            call(ResourceArn=arn + "x")
        with invalid(INVALID + f"ARNs must start with 'arn:': {name}"):
            call(ResourceArn=name)
        with invalid(INVALID + f"Invalid resource Arn: {elsewhere}"):
            call(ResourceArn=elsewhere)
        with refused(VALIDATION, contains="only supported by accounts that match"):
            call(ResourceArn=arn.replace(":000000000000:", ":123456789012:"))
        with refused(VALIDATION, contains="only table or stream is accepted"):
            call(ResourceArn=arn + "/index/by-date")
