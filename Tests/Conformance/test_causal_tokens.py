"""Causal tokens: a read in another region waits until it shows what the token's client has seen, or
says that it does not."""

import threading
import time

import pytest

from clusters import share
from processes import Cluster, client_for
from support import N, S, refused, schema, unique, wait_active

pytestmark = pytest.mark.processes

HOME, EUROPE = REGIONS = ["us-east-1", "eu-west-1"]
TOKEN = "x-meridian-token"
WAIT = "x-meridian-wait-ms"
NOT_CAUGHT_UP = "NotCaughtUpException"


class Session:
    """A client of one region that presents *token*, or nothing for None."""

    def __init__(self, region):
        self.client = client_for(region.endpoint, region.region)
        self.token = None
        self.wait = None
        self.client.meta.events.register("before-send.dynamodb", self.present)

    def present(self, request, **_):
        if self.token is not None:
            request.headers[TOKEN] = self.token
        if self.wait is not None:
            request.headers[WAIT] = str(self.wait)

    def call(self, operation, token=None, wait=None, **arguments):
        self.token, self.wait = token, wait
        try:
            return getattr(self.client, operation)(**arguments)
        finally:
            self.token = self.wait = None


def shown(reply):
    return reply["ResponseMetadata"]["HTTPHeaders"].get(TOKEN)


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(REGIONS, ["tokens.waitMax: 50s"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def name(cluster):
    return share(cluster, "tokens")[HOME].name


@pytest.fixture(scope="module")
def home(cluster):
    return Session(cluster.regions[HOME])


@pytest.fixture(scope="module")
def europe(cluster):
    return Session(cluster.regions[EUROPE])


@pytest.fixture
def apart(cluster):
    """No changes travel while the test runs, unless it starts the daemon again."""
    cluster.daemon.kill()
    yield cluster.daemon
    if not cluster.daemon.running:
        cluster.daemon.start()


def writes(name):
    key = {"p": S(unique())}
    item = key | {"n": N(1)}
    statement = f"INSERT INTO \"{name}\" VALUE {{'p': '{unique()}'}}"
    return {
        "put_item": {"TableName": name, "Item": item},
        "update_item": {"TableName": name, "Key": key},
        "delete_item": {"TableName": name, "Key": key},
        "batch_write_item": {"RequestItems": {name: [{"PutRequest": {"Item": item}}]}},
        "transact_write_items": {"TransactItems": [{"Put": {"TableName": name, "Item": item}}]},
        "execute_statement": {"Statement": statement},
        "batch_execute_statement": {"Statements": [{"Statement": statement.replace("p': '", "p': 'b")}]},
        "execute_transaction": {
            "TransactStatements": [{"Statement": statement.replace("p': '", "p': 't")}]
        },
    }


def reads(name, key):
    select = f"SELECT * FROM \"{name}\" WHERE p = '{key['S']}'"
    return {
        "get_item": {"TableName": name, "Key": {"p": key}},
        "query": {
            "TableName": name,
            "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": {":p": key},
        },
        "scan": {"TableName": name},
        "batch_get_item": {"RequestItems": {name: {"Keys": [{"p": key}]}}},
        "transact_get_items": {"TransactItems": [{"Get": {"TableName": name, "Key": {"p": key}}}]},
        "execute_statement": {"Statement": select},
        "batch_execute_statement": {"Statements": [{"Statement": select}]},
        "execute_transaction": {"TransactStatements": [{"Statement": select}]},
    }


def test_every_write_answers_with_a_token(home, name):
    for operation, arguments in writes(name).items():
        assert shown(home.call(operation, **arguments)), operation


def test_a_read_sees_what_its_token_was_given_for(home, europe, name):
    for number in range(30):
        key = {"p": S(f"own{number}")}
        token = shown(home.call("put_item", TableName=name, Item=key | {"n": N(number)}))
        found = europe.call("get_item", token, TableName=name, Key=key)
        assert found["Item"] == key | {"n": N(number)}


def test_every_read_says_that_the_region_has_not_caught_up(home, europe, name, apart):
    key = S(unique())
    token = shown(home.call("put_item", TableName=name, Item={"p": key}))
    for operation, arguments in reads(name, key).items():
        with refused(NOT_CAUGHT_UP, contains=f"table {name} is"):
            europe.call(operation, token, wait=0, **arguments)
        europe.call(operation, **arguments)


def test_a_read_waits_as_long_as_it_says(home, europe, name, apart):
    key = S(unique())
    token = shown(home.call("put_item", TableName=name, Item={"p": key}))
    started = time.monotonic()
    with refused(NOT_CAUGHT_UP, contains="after up to 300 ms"):
        europe.call("get_item", token, wait=300, TableName=name, Key={"p": key})
    assert time.monotonic() - started >= 0.3


def test_what_waits_is_woken_when_the_change_arrives(home, cluster, name, apart):
    key = S(unique())
    token = shown(home.call("put_item", TableName=name, Item={"p": key}))
    waiting = Session(cluster.regions[EUROPE])
    found = {}

    def read():
        for operation in ("get_item", "put_item"):
            arguments = {"Key": {"p": key}} if operation == "get_item" else {
                "Item": {"p": key, "n": N(2)}, "ConditionExpression": "attribute_exists(p)"}
            found[operation] = waiting.call(operation, token, TableName=name, **arguments)

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.1)
    # The one that waits holds up nobody else.
    cluster.regions[EUROPE].client.list_tables()
    assert not found
    apart.start()
    thread.join()
    assert found["get_item"]["Item"] == {"p": key}
    assert shown(found["put_item"])


def test_reads_pass_on_what_they_have_shown(home, europe, name):
    key = {"p": S(unique())}
    token = shown(home.call("put_item", TableName=name, Item=key))
    read = europe.call("get_item", token, TableName=name, Key=key)
    home_again = home.call("get_item", shown(read), TableName=name, Key=key)
    assert home_again["Item"] == key
    # A session may begin with a read; one that asks for no token gets none.
    assert shown(home.call("get_item", "", TableName=name, Key=key))
    assert shown(home.call("get_item", TableName=name, Key=key)) is None


def test_tokens_of_two_regions_go_together(home, europe, name):
    ours, theirs = {"p": S(unique())}, {"p": S(unique())}
    tokens = [
        shown(home.call("put_item", TableName=name, Item=ours)),
        shown(europe.call("put_item", TableName=name, Item=theirs)),
    ]
    for session in (home, europe):
        for key in (ours, theirs):
            assert session.call("get_item", ",".join(tokens), TableName=name, Key=key)["Item"]


@pytest.mark.parametrize("restarted", REGIONS)
def test_a_token_stays_good_over_restarts(cluster, home, europe, name, restarted):
    key = {"p": S(unique())}
    token = shown(home.call("put_item", TableName=name, Item=key))
    region = cluster.regions[restarted]
    region.kill()
    region.start()
    assert europe.call("get_item", token, TableName=name, Key=key)["Item"] == key


def test_a_token_for_a_table_that_is_not_here(cluster, home, europe):
    alone = unique("alone")
    home.client.create_table(TableName=alone, BillingMode="PAY_PER_REQUEST", **schema())
    wait_active(home.client, alone)
    token = shown(home.call("put_item", TableName=alone, Item={"p": S("k")}))
    with refused("ResourceNotFoundException"):
        europe.call("get_item", token, TableName=alone, Key={"p": S("k")})


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "no token",
        lambda token: token[:-4],
        lambda token: token[:10] + ("A" if token[10] != "A" else "B") + token[11:],
        lambda token: "A" * 20_000,
        lambda token: token + ",",
        lambda token: "/" + token[1:],
    ],
)
def test_what_is_no_token_is_refused(home, name, change):
    key = {"p": S(unique())}
    token = shown(home.call("put_item", TableName=name, Item=key))
    with refused("ValidationException", contains="x-meridian-token"):
        home.call("get_item", change(token), TableName=name, Key=key)


@pytest.mark.parametrize("wait", ["-1", "1s", "60001", "99999999999999999999", ""])
def test_what_is_no_bound_is_refused(home, name, wait):
    with refused("ValidationException", contains="x-meridian-wait-ms"):
        home.call("get_item", "", wait=wait, TableName=name, Key={"p": S("k")})
