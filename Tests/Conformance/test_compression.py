"""Bodies that travel compressed, in both directions."""

import gzip
import json
import zlib

import pytest

from support import S, unique

LONG = "x" * 5_000

ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress}
DECODERS = {"gzip": gzip.decompress, "deflate": zlib.decompress}


def put_request(table, key, **attributes):
    return json.dumps({"TableName": table.name, "Item": key | attributes}).encode()


def send_put(raw, body, encoding):
    return raw.call("PutItem", body, Content_Encoding=encoding)


# Requests


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("length", [1, 100, 10_000, 300_000])
def test_a_compressed_request_is_understood(raw, table_s, key, encoding, length):
    body = put_request(table_s, key, a=S("東" * (length // 3) + "x"))
    assert send_put(raw, ENCODERS[encoding](body), encoding).status == 200
    assert table_s.get(key)["a"] == S("東" * (length // 3) + "x")


@pytest.mark.parametrize("header", ["GZIP", " gzip ", "identity, gzip", "gzip,identity", ",gzip,"])
def test_the_name_of_an_encoding_may_be_written_in_several_ways(raw, table_s, key, header):
    body = gzip.compress(put_request(table_s, key))
    assert send_put(raw, body, header).status == 200
    assert table_s.get(key) == key


@pytest.mark.parametrize("header", ["identity", ""])
def test_a_body_without_encoding_may_say_so(raw, table_s, key, header):
    assert send_put(raw, put_request(table_s, key), header).status == 200
    assert table_s.get(key) == key


def test_encodings_are_undone_in_reverse(raw, table_s, key):
    body = gzip.compress(zlib.compress(put_request(table_s, key)))
    assert send_put(raw, body, "gzip, deflate").status == 500
    assert send_put(raw, body, "deflate, gzip").status == 200
    assert table_s.get(key) == key


def test_a_gzip_body_may_have_several_members(raw, table_s, key):
    body = put_request(table_s, key, a=S(LONG))
    parts = [body[:1], body[1:30], b"", body[30:]]
    assert send_put(raw, b"".join(gzip.compress(part) for part in parts), "gzip").status == 200
    assert table_s.get(key)["a"] == S(LONG)


def broken_bodies(body):
    packed = gzip.compress(body)
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0xFF
    wrong_sum = packed[:-8] + bytes(4) + packed[-4:]
    return {
        "plain": body,
        "empty": b"",
        "cut": packed[:-1],
        "head only": packed[:12],
        "one byte": packed[:1],
        "flipped": bytes(flipped),
        "wrong checksum": wrong_sum,
        "zlib's format": zlib.compress(body),
        "bare deflate": zlib.compress(body)[2:-4],
    }


@pytest.mark.parametrize("kind", broken_bodies(b"{}"))
def test_a_body_that_is_not_what_its_encoding_says_is_refused(raw, table_s, key, kind):
    body = broken_bodies(put_request(table_s, key, a=S(LONG)))[kind]
    response = send_put(raw, body, "gzip")
    assert response.status == 500
    assert response.crc_holds()
    assert table_s.get(key) is None


@pytest.mark.parametrize("behind", [b"junk", b"\x1f", b"\0" * 600])
def test_bytes_behind_a_gzip_body_are_not_looked_at(raw, table_s, key, behind):
    body = gzip.compress(put_request(table_s, key, a=S(LONG)))
    assert send_put(raw, body + behind, "gzip").status == 200
    assert table_s.get(key)["a"] == S(LONG)


@pytest.mark.parametrize("header", ["garbage", "gzip garbage", "br", "gzip, br", ",".join(["gzip"] * 50)])
def test_an_unknown_encoding_is_refused(raw, table_s, key, header):
    response = send_put(raw, gzip.compress(put_request(table_s, key)), header)
    assert response.status == 500
    assert table_s.get(key) is None


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_small_body_that_stands_for_a_huge_one_is_refused(raw, encoding):
    body = ENCODERS[encoding](b" " * (20 << 20) + b"{}")
    assert len(body) < 64 << 10
    assert raw.call("ListTables", body, Content_Encoding=encoding).status == 413
    assert raw.healthy()


def test_a_body_packed_many_times_over_is_refused_early(raw):
    body = b" " * (200 << 20)
    for _ in range(4):
        body = gzip.compress(body)
    assert raw.call("ListTables", body, Content_Encoding="gzip,gzip,gzip,gzip").status == 413
    assert raw.healthy()


def test_a_connection_goes_on_after_a_broken_body(raw):
    connection = raw.connection()
    for body, status in ((b"no gzip", 500), (gzip.compress(b"{}"), 200)):
        headers = raw.headers("ListTables", Content_Encoding="gzip")
        connection.request("POST", "/", body=body, headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()


# Answers


def get_with(raw, table, key, accept):
    request = {"TableName": table.name, "Key": key, "ConsistentRead": True}
    return raw.call("GetItem", request, **({} if accept is None else {"Accept_Encoding": accept}))


@pytest.fixture(scope="module")
def long_item(table_s):
    key = {"p": S(unique())}
    table_s.put(key | {"a": S(LONG)})
    return key


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_long_answer_is_compressed_if_asked(raw, table_s, long_item, encoding):
    response = get_with(raw, table_s, long_item, encoding)
    assert response.headers["content-encoding"] == encoding
    assert int(response.headers["content-length"]) == len(response.body) < len(LONG) // 10
    assert response.crc_holds()
    said = json.loads(DECODERS[encoding](response.body))
    assert said == {"Item": long_item | {"a": S(LONG)}}


def test_a_long_answer_is_plain_unless_asked(raw, table_s, long_item):
    response = get_with(raw, table_s, long_item, None)
    assert "content-encoding" not in response.headers
    assert response.json()["Item"]["a"] == S(LONG)
    assert response.crc_holds()


def test_an_answer_below_four_kilobytes_stays_plain(raw, table_s, key):
    table_s.put(key | {"a": S("x")})
    around = len(get_with(raw, table_s, key, None).body) - 1
    table_s.put(key | {"a": S("x" * (4095 - around))})
    assert "content-encoding" not in get_with(raw, table_s, key, "gzip").headers
    table_s.put(key | {"a": S("x" * (4097 - around))})
    assert get_with(raw, table_s, key, "gzip").headers["content-encoding"] == "gzip"


def test_the_answer_to_a_write_is_compressed_too(raw, table_s, key):
    table_s.put(key | {"a": S(LONG)})
    request = {"TableName": table_s.name, "Key": key, "ReturnValues": "ALL_OLD"}
    response = raw.call("DeleteItem", request, Accept_Encoding="gzip")
    assert json.loads(gzip.decompress(response.body))["Attributes"]["a"] == S(LONG)
    assert response.crc_holds()


def test_many_answers_on_one_connection_are_compressed_each_by_itself(raw, table_s, long_item):
    request = {"TableName": table_s.name, "Key": long_item}
    connection = raw.connection()
    bodies = set()
    for encoding in ["gzip", "deflate", None, "gzip", "deflate", "gzip"]:
        headers = raw.headers("GetItem") | ({"Accept-Encoding": encoding} if encoding else {})
        connection.request("POST", "/", body=json.dumps(request).encode(), headers=headers)
        body = connection.getresponse().read()
        bodies.add(DECODERS.get(encoding, bytes)(body))
    connection.close()
    assert len(bodies) == 1


@pytest.mark.parametrize(
    "accept, chosen",
    [
        ("", None),
        ("identity", None),
        ("br, zstd, compress, x-gzip", None),
        ("GZip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("deflate, gzip", "deflate"),
        ("br, gzip,, cat", "gzip"),
        ("gzip;q=0.8, deflate;q=0.9", "deflate"),
        ("gzip ; q = 0.5 , deflate;q=0.4", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.000, deflate;q=0.001", "deflate"),
        ("*", "gzip"),
        ("*;q=0", None),
        ("*, deflate", "deflate"),
        ("*, gzip;q=0.5", "deflate"),
        ("*;q=0.5, gzip;q=0", "deflate"),
        ("identity, gzip;q=0.1", "gzip"),
        ("identity;q=0", None),
        ("gzip;q=7, deflate;q=9", "gzip"),
        ("gzip;q=-1, deflate;q=0.1", "deflate"),
        ("gzip;q=x, deflate;q=0.5", "gzip"),
        ("gzip;level=1;q=0", None),
        ("gzip;q=0, gzip", "gzip"),
        ('"gzip"', None),
        ("gzip deflate", None),
        ("gzip=1", None),
    ],
)
def test_the_client_chooses_the_encoding(raw, table_s, long_item, accept, chosen):
    response = get_with(raw, table_s, long_item, accept)
    assert response.headers.get("content-encoding") == chosen
    plain = DECODERS[chosen](response.body) if chosen else response.body
    assert json.loads(plain)["Item"]["a"] == S(LONG)
