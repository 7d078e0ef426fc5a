"""TagResource, UntagResource, ListTagsOfResource, and tags given to CreateTable."""

import pytest

from support import INVALID, NOT_FOUND, VALIDATION, constraint, invalid, refused, unique, wait_active


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
    with refused(VALIDATION, contains="tags.1.member.key"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag(text)])
    with refused(VALIDATION, contains="tags.1.member.value"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("k", text)])
    assert listed(loose, arn) == {}


def test_lengths_have_bounds(loose, arn):
    with constraint("", "tags.1.member.key", "Member must have length greater than or equal to 1"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("")])
    long = "k" * 129
    with constraint(long, "tags.2.member.key", "Member must have length less than or equal to 128"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("a"), tag(long)])
    with refused(VALIDATION, contains="length less than or equal to 256"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("a", "v" * 257)])
    with constraint(long, "tagKeys.1.member", "Member must have length less than or equal to 128"):
        loose.untag_resource(ResourceArn=arn, TagKeys=[long])


def test_what_must_be_there(loose, arn):
    with constraint(None, "tags", "Member must not be null"):
        loose.tag_resource(ResourceArn=arn)
    with constraint(None, "tagKeys", "Member must not be null"):
        loose.untag_resource(ResourceArn=arn)
    with constraint(None, "tags.1.member.value", "Member must not be null"):
        loose.tag_resource(ResourceArn=arn, Tags=[{"Key": "k"}])
    with constraint(None, "resourceArn", "Member must not be null"):
        loose.list_tags_of_resource()
    with invalid("Atleast one Tag needs to be provided as Input."):
        loose.tag_resource(ResourceArn=arn, Tags=[])
    with invalid("Atleast one Tag Key needs to be provided as Input."):
        loose.untag_resource(ResourceArn=arn, TagKeys=[])


def test_keys_of_the_service_and_keys_given_twice_are_refused(loose, arn):
    with refused(VALIDATION, contains="aws:"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("aws:mine")])
    with refused(VALIDATION, contains="Duplicate tag key"):
        loose.tag_resource(ResourceArn=arn, Tags=[tag("a"), tag("a")])


def test_a_table_has_at_most_fifty(loose, arn):
    loose.tag_resource(ResourceArn=arn, Tags=[tag(f"k{n}") for n in range(30)])
    loose.tag_resource(ResourceArn=arn, Tags=[tag(f"k{n}", "2") for n in range(10, 50)])
    assert len(listed(loose, arn)) == 50
    with refused(VALIDATION, contains="50"):
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
    with refused(VALIDATION):
        loose.create_table(TableName=name, Tags=[tag(f"k{n}") for n in range(51)], **arguments)
    with refused(VALIDATION):
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

    with refused(NOT_FOUND, f"Requested resource not found: ResourcArn: {arn}x not found"):
        call(arn + "x")
    with refused(VALIDATION, contains="ARNs must start with"):
        call("orders")
    for wrong in ("arn:not/a/good/format", "arn:aws:s3:::table/orders", arn.rpartition("/")[0] + "/ab"):
        with refused(VALIDATION, contains=f"Invalid ResourceArn provided as input {wrong}"):
            call(wrong)
    with refused(VALIDATION, contains="Invalid resource arn provided"):
        call(arn + "/index/by-date")
    with constraint("", "resourceArn", "Member must have length greater than or equal to 1"):
        call("")


def test_a_token_that_no_page_gave_is_refused(loose, arn):
    with invalid(INVALID + "Invalid NextToken"):
        loose.list_tags_of_resource(ResourceArn=arn, NextToken="more")
