"""A region whose clock is ahead: its changes are held back until the time has come, or an operator
accepts them, and no other clock is dragged along before."""

import json
import time

import pytest

from clusters import link, run_globalctl, share
from preloads import compiled
from processes import Cluster, fetch
from support import S, unique, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE = "us-east-1", "eu-west-1"
DRIFT_MILLISECONDS = 2_000


@pytest.fixture(scope="module")
def shim():
    with compiled("clock_ahead.c") as library:
        yield library


@pytest.fixture
def cluster():
    settings = [f"clock.driftMax: {DRIFT_MILLISECONDS}ms"]
    cluster = Cluster([HOME, EUROPE], settings)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    return share(cluster, "skew")


def restart_ahead(cluster, shim, milliseconds):
    region = cluster.regions[HOME]
    assert region.stop() == 0
    region.environment = {
        "LD_PRELOAD": str(shim), "CLOCK_AHEAD_MILLISECONDS": str(milliseconds),
    }
    region.start()


def now():
    return int(time.time() * 1_000)


def version(cluster, region, table, key):
    """The stamp of a version: when it was written, by its region's clock."""
    body = json.dumps({"table": table.name, "key": key}).encode()
    return json.loads(fetch(f"{cluster.regions[region].peer}/item", body))["stamp"]


def stamp(cluster, region, table, key):
    """In milliseconds."""
    return version(cluster, region, table, key)["milliseconds"]


def time_of(version):
    """The whole time, which is not printed in digits of equal length."""
    milliseconds, counter = version["time"].split(".")
    return int(milliseconds), int(counter)


def wait_skew(cluster):
    wait_until(
        lambda: link(cluster, HOME, EUROPE)["state"] == "skew",
        "the link says skew",
    )


def test_a_clock_that_is_ahead_holds_its_link_until_the_time_has_come(cluster, tables, shim):
    item, written = held_for_a_while(cluster, tables, shim)
    assert "ms" in link(cluster, HOME, EUROPE)["lastTrouble"]
    # Europe writes by its own clock meanwhile, and home takes it.
    local = {"p": S("local")}
    tables[EUROPE].put(local)
    assert stamp(cluster, EUROPE, tables[EUROPE], local) <= now() + DRIFT_MILLISECONDS
    wait_until(lambda: tables[HOME].get(local) == local, "home has it")

    wait_until(lambda: tables[EUROPE].get(item) == item, "it comes by itself")
    assert now() >= written - DRIFT_MILLISECONDS


def held_for_a_while(cluster, tables, shim):
    """An item that the link holds, and when it was written by the clock that is ahead. On a machine that
    is too slow to see it held its time comes before that; then the clock is set further ahead."""
    for ahead in (5_000, 20_000, 60_000):
        restart_ahead(cluster, shim, ahead)
        item = {"p": S(unique())}
        tables[HOME].put(item)
        written = stamp(cluster, HOME, tables[HOME], item)

        def is_seen():
            came = tables[EUROPE].get(item) == item
            assert not came or now() >= written - DRIFT_MILLISECONDS
            return "came" if came else link(cluster, HOME, EUROPE)["state"] == "skew" and "held"

        if wait_until(is_seen, "the item is held, or has come when its time had") == "held":
            return item, written
    pytest.fail("no item was seen to be held")


def test_an_operator_may_accept_what_is_ahead(cluster, tables, shim):
    hour = 3_600_000
    restart_ahead(cluster, shim, hour)
    item = {"p": S("early")}
    tables[HOME].put(item)
    wait_skew(cluster)
    assert tables[EUROPE].get(item) is None

    def accepted():
        """What was shown may be behind what is held by now: such a word is given again."""
        run_globalctl(cluster, "link", "accept-skew", HOME, EUROPE)
        return tables[EUROPE].get(item) == item

    wait_until(accepted, "it was taken")
    # From here on Europe writes beyond it, so that what it overwrites stays overwritten.
    tables[EUROPE].put(item | {"n": S("later")})
    written = stamp(cluster, EUROPE, tables[EUROPE], item)
    assert written > now() + hour // 2
    wait_until(
        lambda: tables[HOME].get(item) == item | {"n": S("later")}, "home has it"
    )
    cluster.regions[EUROPE].wait_said("accepted changes")


def test_nothing_to_accept_is_said(cluster, tables):
    done = run_globalctl(cluster, "link", "accept-skew", HOME, EUROPE)
    assert done.returncode == 1
    assert "is not held" in done.stderr


def test_a_clock_that_went_back_reuses_no_time(cluster, tables, shim):
    restart_ahead(cluster, shim, 1_500)
    item = {"p": S("k"), "n": S("1")}
    tables[HOME].put(item)
    before = version(cluster, HOME, tables[HOME], {"p": S("k")})
    restart_ahead(cluster, shim, 0)
    tables[HOME].put(item | {"n": S("2")})
    after = version(cluster, HOME, tables[HOME], {"p": S("k")})
    assert time_of(after) > time_of(before)
    assert after["origin"] != before["origin"]
    wait_until(
        lambda: tables[EUROPE].get({"p": S("k")}) == item | {"n": S("2")},
        "Europe has the later one",
    )
