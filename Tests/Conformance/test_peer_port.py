"""The peer port against whoever speaks to it by mistake or in bad faith: refusals, never harm."""

import json
import random

import pytest

from processes import Region
from support import S, schema, wait_active
from wire import Raw

pytestmark = pytest.mark.processes

TABLE = "peers"
KEY = {"p": S("k")}

NOISE = {
    "nothing": b"",
    "zeros": b"\x00" * 2_000,
    "ones": b"\xff" * 2_000,
    "object": b"{}",
    "list": b"[]",
    "deep": b"[" * 100_000,
    "random": random.Random(5).randbytes(5_000),
}


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    directory = tmp_path_factory.mktemp("peer")
    region = Region("us-east-1", directory).start()
    region.client.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST", **schema("S"))
    wait_active(region.client, TABLE)
    region.client.put_item(TableName=TABLE, Item=KEY | {"a": S("x")})
    yield region
    assert region.running, region.last_words()
    assert region.stop() == 0


@pytest.fixture
def peer(region):
    yield Raw(region.peer)
    # Whatever a test sent, the region serves on.
    found = region.client.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True)
    assert found["Item"] == KEY | {"a": S("x")}


def post(peer, path, body):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return peer.send("POST", path, body=body)


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("path", ["/feed", "/apply", "/snapshot", "/copy"])
def test_what_is_no_message_is_refused(peer, path, noise):
    response = post(peer, path, NOISE[noise])
    assert response.status == 400
    assert response.json()["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize(
    "path",
    [
        "/item", "/conflicts", "/quarantine", "/quarantine/retry", "/quarantine/discard",
        "/skew/accept", "/status", "/tables", "/nothing", "/",
    ],
)
def test_noise_on_any_path_is_harmless(peer, path, noise):
    assert post(peer, path, NOISE[noise]).status in (200, 400, 404)


@pytest.mark.parametrize("source", ["", "eu-west-1", "us-east-1", "%00", "x" * 5_000, "a=b&c"])
def test_a_position_may_be_asked_for_any_source(peer, source):
    assert post(peer, f"/position?source={source}", b"").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"table": TABLE},
        {"table": "none", "key": KEY},
        {"table": 1, "key": KEY},
        {"table": TABLE, "key": {}},
        {"table": TABLE, "key": []},
        {"table": TABLE, "key": {"p": {"N": "1"}}},
        {"table": TABLE, "key": {"p": S("")}},
        {"table": TABLE, "key": {"p": S("x" * 3_000)}},
        {"table": TABLE, "key": KEY | {"c": S("x")}},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
def test_a_question_for_an_item_that_cannot_be_is_refused(peer, body):
    assert post(peer, "/item", body).status == 400


@pytest.mark.parametrize("limit", [-1, 0, 1e30, "x", None, 10**30])
@pytest.mark.parametrize("after", ["", "zz", "abc", "ff" * 2_000, 5, None, "é1"])
def test_a_question_for_conflicts_may_be_odd(peer, limit, after):
    response = post(peer, "/conflicts", {"limit": limit, "after": after, "table": TABLE})
    assert response.status in (200, 400)


def count(value):
    """A number as the messages write it: seven bits a byte, lowest first."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded) + bytes([value])


def broken(message, dice):
    """The message with a few bytes changed, lost, put in or repeated."""
    bytes_ = bytearray(message)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(bytes_) or 1)
        match dice.randrange(4):
            case 0:
                bytes_[at : at + 1] = bytes([dice.choice((0, 1, 127, 128, 255))])
            case 1:
                del bytes_[at : at + dice.randrange(1, 9)]
            case 2:
                bytes_[at:at] = dice.randbytes(dice.randrange(1, 9))
            case 3:
                bytes_[at : at + 8] = bytes_[at // 2 : at // 2 + 8]
    return bytes(bytes_)


def test_broken_messages_are_refused_or_harmless(peer):
    dice = random.Random(17)
    # A reply to `/position` is an outcome, the position, and six numbers of eight bytes; a feed
    # asks by a position, a size and how long to wait.
    position = post(peer, "/position?source=eu-west-1", b"").body[1:-48]
    feed = position + count(1 << 20) + count(0)
    assert post(peer, "/feed", feed).status in (200, 204)
    statuses = set()
    for _ in range(300):
        path = dice.choice(("/feed", "/apply", "/snapshot", "/copy"))
        # The last byte is how long a feed may be held, and stays.
        statuses.add(post(peer, path, broken(feed[:-1], dice) + feed[-1:]).status)
    assert statuses <= {200, 204, 400, 409}
