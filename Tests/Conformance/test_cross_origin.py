"""Use from a browser: the CORS protocol, and what is answered to other methods and types."""

import pytest

from support import S

ORIGIN = {"Origin": "https://example.org"}
ASKED = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, x-amz-target",
}
ALLOW = "access-control-allow-"


def cross_origin(response):
    return {name for name in response.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT"])
def test_an_answer_within_one_origin_says_nothing_of_others(raw, method):
    response = raw.send(method, headers=raw.headers("ListTables") | ASKED)
    assert cross_origin(response) == set()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_any_origin_may_read_the_answer(raw, method):
    body = b"{}" if method == "POST" else b""
    response = raw.send(method, body=body, headers=raw.headers("ListTables") | ORIGIN | ASKED)
    assert response.headers[ALLOW + "origin"] == "*"
    assert "x-amz-crc32" in response.headers["access-control-expose-headers"].split(",")
    assert cross_origin(response) == {ALLOW + "origin", "access-control-expose-headers"}


def test_any_origin_may_read_the_answer_to_a_write(raw, table_s, key):
    response = raw.call("PutItem", {"TableName": table_s.name, "Item": key}, Origin="null")
    assert response.status == 200
    assert response.headers[ALLOW + "origin"] == "*"
    assert response.crc_holds()


@pytest.mark.parametrize("fault", ["signature", "operation", "table", "json"])
def test_any_origin_may_read_why_it_was_refused(raw, fault):
    operation = "NoSuchThing" if fault == "operation" else "DescribeTable"
    body = "{" if fault == "json" else {"TableName": "no-such-table"}
    response = raw.call(operation, body, signed=fault != "signature", **ORIGIN)
    assert response.status == 400
    assert response.headers[ALLOW + "origin"] == "*"


def test_a_browser_may_ask_first(raw):
    response = raw.send("OPTIONS", headers=ORIGIN | ASKED)
    assert response.status == 200
    assert response.body == b""
    assert response.headers[ALLOW + "origin"] == "*"
    assert response.headers[ALLOW + "methods"] == ASKED["Access-Control-Request-Method"]
    assert response.headers[ALLOW + "headers"] == ASKED["Access-Control-Request-Headers"]
    assert response.headers["access-control-max-age"] == "172800"


def test_a_browser_that_asks_for_nothing_is_allowed_nothing_by_name(raw):
    response = raw.send("OPTIONS", headers=ORIGIN)
    assert response.headers[ALLOW + "origin"] == "*"
    assert ALLOW + "methods" not in response.headers
    assert ALLOW + "headers" not in response.headers


# Methods and types of body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_no_requests_of_this_api(raw, method):
    response = raw.send(method, body=b"{}", headers=raw.headers("ListTables"))
    assert response.status == 404
    assert len(response.headers["x-amzn-requestid"]) == 52
    assert response.body == b"<UnknownOperationException/>\n"
    assert response.crc_holds()
    assert raw.healthy()


@pytest.mark.parametrize(
    "sent, answered",
    [
        ("application/x-amz-json-1.0", "application/x-amz-json-1.0"),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
    ],
)
def test_the_answer_has_the_requests_type(raw, table_s, key, sent, answered):
    headers = raw.headers("GetItem") | {"Content-Type": sent}
    body = b'{"TableName": "%s", "Key": {"p": {"S": "a"}}}' % table_s.name.encode()
    response = raw.send(body=body, headers=headers)
    assert (response.status, response.headers["content-type"]) == (200, answered)
    response = raw.send(body=b"{", headers=headers)
    assert (response.status, response.headers["content-type"]) == (400, answered)


@pytest.mark.parametrize("sent", ["", "text/plain", "application/x-amz-json-1.1", "application/xml"])
def test_other_types_of_body_are_no_requests_of_this_api(raw, table_s, key, sent):
    headers = raw.headers("PutItem") | {"Content-Type": sent}
    body = b'{"TableName": "%s", "Item": {"p": {"S": "a"}}}' % table_s.name.encode()
    response = raw.send(body=body, headers=headers)
    assert (response.status, response.body) == (404, b"<UnknownOperationException/>\n")
    assert table_s.get({"p": S("a")}) is None


def test_a_body_without_a_type_is_no_request_of_this_api(raw):
    headers = raw.headers("ListTables")
    del headers["Content-Type"]
    assert raw.send(body=b"{}", headers=headers).status == 404


def test_no_body_needs_no_type(raw):
    headers = raw.headers("ListTables")
    del headers["Content-Type"]
    response = raw.send(headers=headers)
    assert (response.status, response.error) == (400, "SerializationException")
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("origin", [{}, ORIGIN])
def test_every_answer_has_a_name_and_a_checksum(raw, origin):
    for method in ["GET", "POST", "PUT"]:
        response = raw.send(method, headers=raw.headers("ListTables") | origin)
        assert len(response.headers["x-amzn-requestid"]) == 52
        assert response.crc_holds()


# What is looked at first


def test_a_body_is_read_before_the_operation_and_the_signature(raw):
    response = raw.call("NoSuchThing", "{", signed=False)
    assert (response.status, response.error) == (400, "SerializationException")


def test_the_operation_is_looked_at_before_the_signature(raw):
    response = raw.call("NoSuchThing", {}, signed=False)
    assert (response.status, response.error) == (400, "UnknownOperationException")


def test_an_empty_body_is_missed_last(raw):
    assert raw.call("NoSuchThing", "").error == "UnknownOperationException"
    assert raw.call("ListTables", "", signed=False).error == "MissingAuthenticationTokenException"
    assert raw.call("ListTables", "").error == "SerializationException"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
def test_every_answer_names_server_and_date(raw, method):
    response = raw.send(method, headers=raw.headers("ListTables"))
    assert response.headers["server"]
    assert response.headers["date"].endswith(" GMT")


@pytest.mark.parametrize("path", ["/health", "/-", "/index.html", "/?a=b"])
def test_health_is_told_at_the_root_only(raw, path):
    assert raw.send("GET", path=path).status == 404


def test_the_endpoint_is_told_by_the_name_the_client_used(raw, client):
    endpoints = client.describe_endpoints()["Endpoints"]
    assert [endpoint["Address"] for endpoint in endpoints] == [raw.authority]
