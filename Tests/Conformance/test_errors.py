"""Errors as they look on the wire: types, status codes, messages, and their order."""

import json

import pytest

from support import COUNTED, NOT_FOUND, S, VALIDATION, unique
from wire import AUTHORIZATION, SIGNED

SERVICE = "com.amazon.coral.service#"
VALIDATE = "com.amazon.coral.validate#"
DYNAMODB = "com.amazonaws.dynamodb.v20120810#"


def test_an_error_has_a_type_a_message_and_the_usual_headers(raw):
    response = raw.call("DescribeTable", {"TableName": "no-such-table"})
    assert response.status == 400
    assert response.headers["content-type"].startswith("application/x-amz-json-1.0")
    assert int(response.headers["content-length"]) == len(response.body)
    assert response.crc_holds()
    assert response.headers["x-amzn-requestid"]
    assert response.json() == {
        "__type": DYNAMODB + NOT_FOUND,
        "message": "Requested resource not found: Table: no-such-table not found",
    }


@pytest.mark.parametrize(
    "operation, body, kind",
    [
        ("GetItem", {"TableName": "no-such-table", "Key": {"p": S("a")}}, DYNAMODB + NOT_FOUND),
        ("GetItem", {"Key": {"p": S("a")}}, VALIDATE + VALIDATION),
        ("Query", {"TableName": "no-such-table"}, VALIDATE + VALIDATION),
        ("NoSuchThing", {}, SERVICE + "UnknownOperationException"),
        ("GetItem", "{", SERVICE + "SerializationException"),
    ],
    ids=lambda v: str(v)[:32],
)
def test_an_errors_type_has_its_namespace(raw, operation, body, kind):
    response = raw.call(operation, body)
    assert response.status == 400
    assert response.json()["__type"] == kind


def test_a_failed_condition_looks_the_same(raw, table_s, key):
    table_s.put(key)
    response = raw.call(
        "PutItem",
        {"TableName": table_s.name, "Item": key, "ConditionExpression": "attribute_not_exists(p)"},
    )
    assert response.status == 400
    assert response.json() == {
        "__type": DYNAMODB + "ConditionalCheckFailedException",
        "message": "The conditional request failed",
    }


# Unknown operations


@pytest.mark.parametrize("operation", ["NoSuchThing", "putitem", "PutItem.x", "Put Item", "x" * 4000])
def test_an_unknown_operation_is_refused(raw, operation):
    response = raw.call(operation, {})
    assert (response.status, response.error) == (400, "UnknownOperationException")


@pytest.mark.parametrize("target", [None, "", "PutItem", "Kinesis_20131202.PutItem", "DynamoDB.PutItem",
                                    "DynamoDB_20120810PutItem", "DynamoDB_20120810.", "DynamoDBStreams_20120810.PutItem"])
def test_a_target_of_another_service_is_refused(raw, target):
    headers = raw.headers()
    if target is not None:
        headers["X-Amz-Target"] = target
    response = raw.send(body=b"{}", headers=headers)
    assert (response.status, response.error) == (400, "UnknownOperationException")


# Signatures


@pytest.mark.parametrize("authorization", [None, "", "Basic dGVzdDp0ZXN0", "Bearer x", "AWS4"])
def test_a_request_without_signature_is_refused(raw, authorization):
    headers = raw.headers("ListTables", signed=False) | {"X-Amz-Date": SIGNED["X-Amz-Date"]}
    if authorization is not None:
        headers["Authorization"] = authorization
    response = raw.send(body=b"{}", headers=headers)
    assert response.status == 400
    assert response.json() == {
        "__type": SERVICE + "MissingAuthenticationTokenException",
        "message": "Request is missing Authentication Token",
    }
    assert response.crc_holds()


def test_a_request_without_signature_writes_nothing(raw, table_s, key):
    response = raw.call("PutItem", {"TableName": table_s.name, "Item": key}, signed=False)
    assert response.error == "MissingAuthenticationTokenException"
    assert table_s.get(key) is None


@pytest.mark.parametrize(
    "authorization, missing",
    [
        ("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0", ["Credential"]),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, Signature=0", ["SignedHeaders"]),
        ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host", ["Signature"]),
        ("AWS4-HMAC-SHA256", ["Credential", "Signature", "SignedHeaders"]),
    ],
)
def test_an_incomplete_signature_is_refused(raw, authorization, missing):
    headers = raw.headers("ListTables") | {"Authorization": authorization}
    response = raw.send(body=b"{}", headers=headers)
    assert (response.status, response.error) == (400, "IncompleteSignatureException")
    for name in missing:
        assert f"Authorization header requires '{name}' parameter." in response.message


def test_a_signature_needs_a_date(raw):
    headers = raw.headers("ListTables", signed=False) | {"Authorization": AUTHORIZATION}
    response = raw.send(body=b"{}", headers=headers)
    assert (response.status, response.error) == (400, "IncompleteSignatureException")
    assert "X-Amz-Date" in response.message


SIGNED_QUERY = (
    "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%2Fc%2Fd%2Fe"
    "&X-Amz-Signature=0&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z"
)


def test_a_query_may_bear_the_signature(raw):
    headers = raw.headers("ListTables", signed=False)
    assert raw.send(path=SIGNED_QUERY, body=b"{}", headers=headers).status == 200


def test_a_request_is_signed_in_one_place_only(raw):
    response = raw.send(path=SIGNED_QUERY, body=b"{}", headers=raw.headers("ListTables"))
    assert (response.status, response.error) == (400, "InvalidSignatureException")


@pytest.mark.parametrize("missing", ["Credential", "Signature", "SignedHeaders", "Date"])
def test_an_incomplete_signature_in_a_query_is_refused(raw, missing):
    path = SIGNED_QUERY.replace("X-Amz-" + missing, "X-" + missing)
    headers = raw.headers("ListTables", signed=False)
    response = raw.send(path=path, body=b"{}", headers=headers)
    assert (response.status, response.error) == (400, "IncompleteSignatureException")
    assert f"must include 'X-Amz-{missing}'" in response.message


# Bodies that are not what they should be

BROKEN = [
    b"", b"{", b"}", b"[", b"[]", b"null", b"1", b'"x"', b"{]", b"{'a':1}", b'{"a":}', b'{"a" 1}',
    b'{"a":1,}', b'{"TableName":"a"', b'{"TableName":"a}', b'{"TableName":"a"}}', b"{}{}", b"\x00",
    b"\xff\xfe{}", b'{"TableName":"\xff"}', b'{"TableName":"\\x"}', b'{"TableName":"\\ud800"}',
    b'{"TableName":"\n"}', b'{"a":01}', b'{"a":tru}', b'{"a":NaN}', b"\xef\xbb\xbf{}", b"<x/>",
    b'{"Limit":1e999}', b'{"Limit":--1}', b'{"TableName":"' + b"a" * 100_000,
]


@pytest.mark.parametrize("body", BROKEN, ids=lambda b: repr(b)[:24])
def test_a_body_that_is_no_json_object_is_refused(raw, body):
    response = raw.call("DescribeTable", body)
    assert response.status == 400
    assert response.error in ("SerializationException", VALIDATION)
    assert response.crc_holds()


@pytest.mark.parametrize("body", [b"{", b"[", b"hi", b'{"a":}', b"{]"], ids=repr)
def test_malformed_json_is_a_serialization_error(raw, body):
    response = raw.call("DescribeTable", body)
    assert response.json() == {"__type": SERVICE + "SerializationException"}


@pytest.mark.parametrize("depth", [100, 10_000, 500_000])
@pytest.mark.parametrize("opening", ['[', '{"a":'])
def test_deep_json_is_refused_and_harmless(raw, depth, opening):
    body = '{"TableName":' + opening * depth
    response = raw.call("DescribeTable", body)
    assert response.status == 400
    assert raw.healthy()


@pytest.mark.parametrize(
    "depth, start", [(32, COUNTED), (40, COUNTED), (60, COUNTED), (1_000, ""), (200_000, "")]
)
def test_values_nested_too_deeply_are_refused_in_the_same_words(
    raw, table_s, depth, start
):
    value = '{"M":{"a":' * depth + '{"S":"x"}' + "}}" * depth
    body = '{"TableName":"%s","Item":{"p":{"S":"deep"},"a":%s}}' % (table_s.name, value)
    response = raw.call("PutItem", body)
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message.startswith(start + "Nesting Levels have exceeded supported limits")
    assert table_s.get({"p": S("deep")}) is None


def table(name, **rest):
    return {"TableName": name} | rest


@pytest.mark.parametrize(
    "operation, body",
    [
        ("DescribeTable", table(1)),
        ("DescribeTable", table(True)),
        ("DescribeTable", table(["a"])),
        ("DescribeTable", table({"a": "b"})),
        ("GetItem", table("abc", Key="x")),
        ("GetItem", table("abc", Key=["x"])),
        ("GetItem", table("abc", Key={"p": "x"})),
        ("GetItem", table("abc", Key={"p": {"S": 1}})),
        ("GetItem", table("abc", Key={"p": {"N": 1}})),
        ("GetItem", table("abc", Key={"p": {"B": 1}})),
        ("GetItem", table("abc", Key={"p": {"B": "@"}})),
        ("GetItem", table("abc", Key={"p": S("a")}, ConsistentRead="yes")),
        ("PutItem", table("abc", Item={"p": {"BOOL": "true"}})),
        ("PutItem", table("abc", Item={"p": {"L": {}}})),
        ("PutItem", table("abc", Item={"p": {"M": []}})),
        ("PutItem", table("abc", Item={"p": {"SS": "x"}})),
        ("PutItem", table("abc", Item={"p": {"SS": [1]}})),
        ("PutItem", table("abc", Item={"p": {"L": ["x"]}})),
        ("PutItem", table("abc", Item={"p": S("a")}, ConditionExpression=1)),
        ("PutItem", table("abc", Item={"p": S("a")}, ExpressionAttributeNames=[])),
        ("Scan", table("abc", Limit="x")),
        ("Scan", table("abc", Limit=[])),
        ("BatchGetItem", {"RequestItems": []}),
        ("BatchGetItem", {"RequestItems": {"abc": []}}),
        ("BatchWriteItem", {"RequestItems": {"abc": {}}}),
        ("ListTables", {"Limit": "ten"}),
        ("CreateTable", table("abc", KeySchema={})),
        ("UpdateTable", table("abc", ReplicaUpdates={})),
    ],
    ids=lambda v: json.dumps(v)[:48],
)
def test_a_value_of_another_shape_is_a_serialization_error(raw, operation, body):
    response = raw.call(operation, body)
    assert response.status == 400
    assert response.error == "SerializationException"


@pytest.mark.parametrize("body", [{"TableName": None}, {}, {"TableNames": "abc"}], ids=str)
def test_null_and_unknown_members_are_as_if_absent(raw, body):
    response = raw.call("DescribeTable", body)
    assert (response.status, response.error) == (400, VALIDATION)
    assert response.message == (
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_unknown_members_are_ignored(raw, table_s):
    response = raw.call("DescribeTable", {"TableName": table_s.name, "Whatever": [{"a": 1}]})
    assert response.status == 200


@pytest.mark.parametrize(
    "operation, rest",
    [
        ("PutItem", {"Item": {"p": S("a")}}),
        ("GetItem", {"Key": {"p": S("a")}}),
        ("DeleteItem", {"Key": {"p": S("a")}}),
        ("UpdateItem", {"Key": {"p": S("a")}}),
        ("Scan", {}),
        ("Query", {}),
        ("DescribeTable", {}),
        ("DeleteTable", {}),
    ],
)
def test_every_operation_checks_its_table_name(raw, operation, rest):
    missing = raw.call(operation, rest)
    assert (missing.status, missing.error) == (400, VALIDATION)
    assert (
        "Value null at 'tableName' failed to satisfy constraint: Member must not be null"
        in missing.message
    )
    bad = raw.call(operation, rest | {"TableName": "abc;"})
    assert (bad.status, bad.error) == (400, VALIDATION)
    assert "abc;" in bad.message


def test_the_count_of_errors_is_singular_and_plural(raw):
    one = raw.call("Scan", {"TableName": "abc", "Limit": 0})
    assert one.message == (
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )
    two = raw.call("Scan", {"TableName": "abc", "Limit": 0, "TotalSegments": 0})
    assert two.message.startswith("2 validation errors detected: ")
    assert two.message.count("; ") == 1


def test_form_is_checked_before_the_table_is_looked_for(raw):
    name = unique("none-")
    response = raw.call(
        "PutItem",
        {"TableName": name, "Item": {"p": S("a")}, "ConditionExpression": "not valid at all"},
    )
    assert response.error == VALIDATION
    response = raw.call("PutItem", {"TableName": name, "Item": {"p": S("a")}})
    assert response.error == NOT_FOUND
