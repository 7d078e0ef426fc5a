"""TagResource, UntagResource, ListTagsOfResource, and tags given to CreateTable."""

import pytest

from support import INVALID, NOT_FOUND, constraint, invalid, refused, unique

TOO_MANY = "Number of Tags exceed the current limit for the provided ResourceArn"


def arn_of(client, table):
    return client.describe_table(TableName=table.name)["Table"]["TableArn"]


def tag(key, value="v"):
    return {"Key": key, "Value": value}


def listed(client, arn):
    return {one["Key"]: one["Value"] for one in client.list_tags_of_resource(ResourceArn=arn)["Tags"]}


@pytest.fixture
def arn(client, tables):
    """The ARN of a table without tags."""
    return arn_of(client, tables.create())


def test_a_new_table_has_no_tags(client, arn):
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == []


def test_tags_are_put_replaced_and_taken(client, arn):
    client.tag_resource(ResourceArn=arn, Tags=[tag("team", "blue"), tag("stage", "")])
    assert listed(client, arn) == {"team": "blue", "stage": ""}
    client.tag_resource(ResourceArn=arn, Tags=[tag("team", "red"), tag(" ", "7")])
    assert listed(client, arn) == {"team": "red", "stage": "", " ": "7"}
    client.untag_resource(ResourceArn=arn, TagKeys=["stage", "never there"])
    assert listed(client, arn) == {"team": "red", " ": "7"}


def test_a_table_is_made_with_tags(client, tables):
    table = tables.create(Tags=[tag("a", "1"), tag("b", "2")])
    assert listed(client, arn_of(client, table)) == {"a": "1", "b": "2"}


def test_tags_go_with_their_table(client, tables):
    table = tables.create(Tags=[tag("a")])
    client.delete_table(TableName=table.name)
    again = tables.create(name=table.name)
    assert listed(client, arn_of(client, again)) == {}


@pytest.mark.parametrize("key", ["x" * 128, "\u05d0" * 128, "a.b:c/d=e+f-g@h_i", "\u00c4 \u0416\u4e2d 9"])
def test_keys_of_all_letters_and_lengths(client, arn, key):
    client.tag_resource(ResourceArn=arn, Tags=[tag(key, "v" * 256)])
    assert listed(client, arn) == {key: "v" * 256}


@pytest.mark.parametrize("text", ["hi!", "d%g", '"q"', "#x", "a\\b", "<x>", "a;b", "a*"])
def test_other_signs_are_refused(loose, arn, text):
    with invalid(f"The Tag Key provided is invalid, Key: {text}"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag(text)])
    with invalid(f"The Tag Value provided is invalid, Value: {text}"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("k", text)])
    assert listed(loose, arn) == {}


def test_lengths_have_bounds(loose, arn):
    for key in ("", "k" * 129):
        with invalid(f"The Tag Key provided is invalid, Key: {key}"):
            loose.tag_resource(ResourceArn=arn, Tags=[tag("a"), tag(key)])
        with invalid(f"The Tag Key provided is invalid, Key: {key}"):
            loose.untag_resource(ResourceArn=arn, TagKeys=[key])
    with invalid("The Tag Value provided is invalid, Value: " + "v" * 257):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("a", "v" * 257)])
    with invalid(TOO_MANY):
        loose.untag_resource(ResourceArn=arn, TagKeys=[f"k{n}" for n in range(51)])
    assert listed(loose, arn) == {}


def test_what_must_be_there(loose, arn):
    with constraint(None, "tags", "Member must not be null"):
        loose.tag_resource(ResourceArn=arn)
    with constraint(None, "tagKeys", "Member must not be null"):
        loose.untag_resource(ResourceArn=arn)
    with invalid("The Tag Value provided is invalid, Value: null"):
        loose.tag_resource(ResourceArn=arn, Tags=[{"Key": "k"}])
    with invalid("The Tag Key provided is invalid, Key: null"):
        loose.tag_resource(ResourceArn=arn, Tags=[{"Value": "v"}])
    with constraint(None, "resourceArn", "Member must not be null"):
        loose.list_tags_of_resource()
    with invalid("Atleast one Tag needs to be provided as Input."):
        loose.tag_resource(ResourceArn=arn, Tags=[])
    with invalid("Atleast one Tag Key needs to be provided as Input."):
        loose.untag_resource(ResourceArn=arn, TagKeys=[])


def test_keys_of_the_service_and_keys_given_twice_are_refused(loose, arn):
    with invalid("Tag Key cannot be prefixed with aws:, Key: aws:mine"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("a"), tag("aws:mine")])
    with invalid("Duplicate Tag Keys provided as input: Duplicate Tag Key found a"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("a"), tag("a")])
    assert listed(loose, arn) == {}


def test_a_table_has_at_most_fifty(loose, arn):
    loose.tag_resource(ResourceArn=arn, Tags=[tag(f"k{n}") for n in range(30)])
    loose.tag_resource(ResourceArn=arn, Tags=[tag(f"k{n}", "2") for n in range(10, 50)])
    assert len(listed(loose, arn)) == 50
    with invalid(TOO_MANY):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("k50")])
    loose.tag_resource(ResourceArn=arn, Tags=[tag("k49", "3")])
    assert listed(loose, arn)["k49"] == "3"


def test_a_table_with_wrong_tags_is_not_made(loose):
    name = unique("t-")
    arguments = {
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    with invalid(TOO_MANY):
        loose.create_table(TableName=name, Tags=[tag(f"k{n}") for n in range(51)], **arguments)
    with invalid("The Tag Key provided is invalid, Key: !"):
        loose.create_table(TableName=name, Tags=[tag("!")], **arguments)
    with refused(NOT_FOUND):
        loose.describe_table(TableName=name)


@pytest.mark.parametrize("operation", ["tag", "untag", "list"])
def test_arns_that_name_no_table(loose, tables, operation):
    arn = arn_of(loose, tables.create())

    def call(resource):
        if operation == "tag":
            loose.tag_resource(ResourceArn=resource, Tags=[tag("a")])
        elif operation == "untag":
            loose.untag_resource(ResourceArn=resource, TagKeys=["a"])
        else:
            loose.list_tags_of_resource(ResourceArn=resource)

    with refused(NOT_FOUND, f"Requested resource not found: ResourceArn: {arn}x not found"):
        call(arn + "x")
    with invalid(INVALID + "ARNs must start with 'arn:': orders"):
        call("orders")
    for wrong in ("arn:not/a/good/format", arn.rpartition("/")[0] + "/ab"):
        with invalid(f"Invalid TableArn: Invalid ResourceArn provided as input {wrong}"):
            call(wrong)
    elsewhere = arn.replace(":us-east-1:", ":eu-west-9:")
    with invalid(f"Invalid TableArn: Invalid ResourceArn provided as input {elsewhere}"):
        call(elsewhere)
    for anothers in ("arn:aws:s3:::table/orders", arn.replace(":000000000000:", ":123456789012:")):
        with refused("AccessDeniedException", "Access is denied"):
            call(anothers)
    for other in (arn + "/backup/01489602797149-73d8d5bc", arn.replace(":table/", ":other/")):
        with invalid(INVALID + f"Provided Arn is not a DynamoDB resource arn: {other}"):
            call(other)
    index = arn + "/index/by-date"
    with invalid(
        INVALID + "Invalid resource arn provided, only table or stream is accepted. "
        f"Provided resource arn: {index}"
    ):
        call(index)
    stream = arn + "/stream/2024-01-01T00:00:00.000"
    with refused(NOT_FOUND, f"Requested resource not found: ResourceArn: {stream} not found"):
        call(stream)
    with constraint("", "resourceArn", "Member must have length greater than or equal to 1"):
        call("")


def test_a_token_that_no_page_gave_is_refused(loose, arn):
    with invalid(INVALID + "Invalid NextToken"):
        loose.list_tags_of_resource(ResourceArn=arn, NextToken="more")
