"""HTTP: headers, connections, framing, and bytes that are no request at all."""

import http.client
import json
import random
import socket

import pytest

from support import NOT_FOUND, S, unique, wait_until
from wire import TIMEOUT_SECONDS, Response


def read_response(sock):
    """One response from a socket, framed by its Content-Length."""
    response = http.client.HTTPResponse(sock)
    response.begin()
    return Response(response)


# Health


def test_the_service_says_that_it_is_healthy(raw):
    response = raw.send("GET", headers={"Host": raw.authority})
    assert response.status == 200
    assert response.body.decode().strip() == f"healthy: {raw.authority}"
    assert int(response.headers["content-length"]) == len(response.body)
    assert response.headers["x-amzn-requestid"]


# Headers


def test_every_answer_has_an_id_and_a_checksum(raw, table_s, key):
    requests = [
        ("ListTables", {}),
        ("PutItem", {"TableName": table_s.name, "Item": key}),
        ("GetItem", {"TableName": table_s.name, "Key": key}),
        ("GetItem", {"TableName": unique("none-"), "Key": key}),
        ("NoSuchThing", {}),
    ]
    ids = set()
    for operation, body in requests:
        response = raw.call(operation, body)
        assert response.crc_holds()
        assert response.headers["content-type"] == "application/x-amz-json-1.0"
        assert int(response.headers["content-length"]) == len(response.body)
        ids.add(response.headers["x-amzn-requestid"])
    assert len(ids) == len(requests)
    assert all(len(one) == 52 and one.isalnum() and one.upper() == one for one in ids)


def test_the_checksum_holds_for_other_alphabets_and_large_bodies(raw, table_s, key):
    table_s.put(key | {"a": S("東京🚲" * 10_000)})
    response = raw.call("GetItem", {"TableName": table_s.name, "Key": key, "ConsistentRead": True})
    assert response.crc_holds()
    assert response.json()["Item"]["a"] == S("東京🚲" * 10_000)


def test_boto3_accepts_the_checksum(client):
    headers = client.list_tables(Limit=1)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-crc32"].isdigit()
    assert headers["x-amzn-requestid"]


def test_header_names_have_no_case(raw):
    headers = {name.lower(): value for name, value in raw.headers("ListTables").items()}
    assert raw.send(body=b"{}", headers=headers).status == 200
    headers = {name.upper(): value for name, value in raw.headers("ListTables").items()}
    assert raw.send(body=b"{}", headers=headers).status == 200


@pytest.mark.parametrize("path", ["/", "/?x=y", "/whatever"])
def test_the_path_is_not_looked_at(raw, path):
    response = raw.send(path=path, body=b"{}", headers=raw.headers("ListTables"))
    assert response.status in (200, 404)
    if path == "/":
        assert response.status == 200


# Connections


def test_a_connection_is_kept(raw):
    connection = raw.connection()
    connection.connect()
    port = connection.sock.getsockname()[1]
    for _ in range(50):
        connection.request("POST", "/", body=b"{}", headers=raw.headers("ListTables"))
        response = Response(connection.getresponse())
        assert response.status == 200
        assert connection.sock is not None and connection.sock.getsockname()[1] == port
    connection.close()


def test_a_connection_is_kept_after_an_error(raw):
    connection = raw.connection()
    connection.connect()
    port = connection.sock.getsockname()[1]
    for body, status in ((b"{", 400), (b"{}", 200), (b'{"Limit":0}', 400), (b"{}", 200)):
        connection.request("POST", "/", body=body, headers=raw.headers("ListTables"))
        assert Response(connection.getresponse()).status == status
        assert connection.sock.getsockname()[1] == port
    connection.close()


def test_a_connection_is_closed_if_asked(raw):
    with raw.socket() as sock:
        request = raw.bytes_of("ListTables", {}).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        sock.sendall(request)
        assert read_response(sock).status == 200
        assert sock.recv(1) == b""


def test_requests_in_a_row_are_answered_in_order(raw):
    names = [unique(f"none-{n}-") for n in range(20)]
    with raw.socket() as sock:
        sock.sendall(b"".join(raw.bytes_of("DescribeTable", {"TableName": n}) for n in names))
        reader = sock.makefile("rb")
        for name in names:
            response = read_from(reader)
            assert response["__type"].endswith(NOT_FOUND)
            assert name in response["message"]


def test_writes_in_a_row_happen_in_order(raw, table_s, key):
    requests = [
        raw.bytes_of("PutItem", {"TableName": table_s.name, "Item": key | {"n": {"N": str(n)}}})
        for n in range(20)
    ]
    with raw.socket() as sock:
        sock.sendall(b"".join(requests))
        reader = sock.makefile("rb")
        for _ in requests:
            assert read_from(reader) == {}
    assert table_s.get(key)["n"] == {"N": "19"}


def read_from(reader):
    """The JSON of the next response of several on one connection."""
    assert reader.readline().startswith(b"HTTP/1.1 ")
    length = 0
    while (line := reader.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(reader.read(length))


def test_many_idle_connections_do_not_hinder_others(raw):
    idle = [raw.socket() for _ in range(200)]
    try:
        assert raw.call("ListTables", {}).status == 200
    finally:
        for sock in idle:
            sock.close()


# Framing


def chunked(payload, size):
    parts = [payload[i : i + size] for i in range(0, len(payload), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_body_may_come_in_chunks(raw, size):
    name = unique("none-")
    headers = raw.headers("DescribeTable") | {
        "Host": raw.authority, "Transfer-Encoding": "chunked"
    }
    head = "POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    with raw.socket() as sock:
        sock.sendall(head.encode() + chunked(json.dumps({"TableName": name}).encode(), size))
        response = read_response(sock)
    assert name in response.message


def test_a_request_may_come_byte_by_byte(raw):
    with raw.socket() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in raw.bytes_of("ListTables", {"Limit": 1}):
            sock.sendall(bytes([byte]))
        assert read_response(sock).status == 200


def test_a_client_may_wait_for_100_continue(raw):
    request = raw.bytes_of("ListTables", {"Limit": 1}).replace(
        b"\r\n", b"\r\nExpect: 100-continue\r\n", 1
    )
    head, body = request.split(b"\r\n\r\n", 1)
    with raw.socket() as sock:
        sock.sendall(head + b"\r\n\r\n")
        sock.settimeout(2)
        try:
            early = sock.recv(4096)
        except TimeoutError:
            early = b""
        assert early == b"" or early.startswith(b"HTTP/1.1 100")
        sock.settimeout(TIMEOUT_SECONDS)
        sock.sendall(body)
        assert read_response(sock).status == 200


@pytest.mark.heavy
def test_a_body_of_many_megabytes_within_the_limit_is_read(raw, table_s):
    # 16 MB is the limit of a request; white space is allowed anywhere in JSON.
    body = b" " * (12 << 20) + json.dumps({"TableName": table_s.name}).encode()
    response = raw.call("DescribeTable", body)
    assert response.status == 200


@pytest.mark.heavy
def test_a_body_beyond_the_limit_is_refused(raw):
    body = b" " * (20 << 20)
    try:
        response = raw.call("ListTables", body)
        assert response.status in (400, 413)
    except (ConnectionError, http.client.HTTPException):
        pass  # Refused before it was read to its end, as a server may.
    assert raw.healthy()


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "1e3", "abc", "9223372036854775807"])
def test_an_absurd_length_is_refused_and_harmless(raw, length):
    request = (
        f"POST / HTTP/1.1\r\nHost: {raw.authority}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()
    with raw.socket() as sock:
        sock.sendall(request)
        sock.settimeout(3)
        try:
            assert not sock.recv(4096).startswith(b"HTTP/1.1 2")
        except (ConnectionError, TimeoutError):
            pass
    assert raw.healthy()


# Bytes that are no request

NOISE = {
    "zeros": b"\x00" * 10_000,
    "ones": b"\xff" * 10_000,
    "random": random.Random(7).randbytes(100_000),
    "newlines": b"\r\n" * 10_000,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500,
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "no-version": b"POST /\r\n\r\n",
    "bad-version": b"POST / HTTP/9.9\r\n\r\n",
    "no-host": b"GET / HTTP/1.1\r\n\r\n",
    "long-method": b"A" * 100_000 + b" / HTTP/1.1\r\n\r\n",
    "long-path": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
    "long-header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "many-headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
    "bare-header": b"GET / HTTP/1.1\r\nnonsense\r\n\r\n",
    "null-header": b"GET / HTTP/1.1\r\nHo\x00st: x\r\n\r\n",
    "two-lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "length-and-chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad-chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "huge-chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"ffffffffffffffff\r\nhello\r\n",
    "half-head": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le",
    "half-body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    "redis": b"*1\r\n$4\r\nPING\r\n",
    "smuggled": b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nGET / HTTP/1.1\r\nHost: y\r\n\r\n",
}


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("leave", ["politely", "abruptly"])
def test_noise_never_hurts_the_server(raw, noise, leave):
    with raw.socket() as sock:
        sock.settimeout(0.3)
        try:
            sock.sendall(NOISE[noise])
            if leave == "politely":
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass
            else:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        except OSError:
            pass  # Whether and how the server hangs up is its own affair.
    assert raw.healthy()
    assert raw.call("ListTables", {"Limit": 1}).status == 200


def test_broken_requests_of_every_kind_never_hurt_the_server(raw):
    good = raw.bytes_of("ListTables", {"Limit": 1})
    dice = random.Random(11)
    for _ in range(200):
        broken = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        with raw.socket() as sock:
            sock.settimeout(0.05)
            try:
                sock.sendall(bytes(broken[: dice.randint(1, len(broken))]))
                sock.recv(4096)
            except OSError:
                pass
    assert raw.healthy()


def test_a_client_that_leaves_mid_answer_is_harmless(raw, table_s, key):
    table_s.put(key | {"a": S("x" * 300_000)})
    request = raw.bytes_of("GetItem", {"TableName": table_s.name, "Key": key})
    for _ in range(30):
        with raw.socket() as sock:
            sock.sendall(request * 4)
            sock.recv(10)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    wait_until(raw.healthy, "the server answers")


def test_slow_clients_do_not_hold_up_others(raw):
    slow = [raw.socket() for _ in range(50)]
    try:
        for sock in slow:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
        assert raw.call("ListTables", {"Limit": 1}).status == 200
        # The others are still waited for: they were not given up before.
        for sock in slow:
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(1)
    finally:
        for sock in slow:
            sock.close()
