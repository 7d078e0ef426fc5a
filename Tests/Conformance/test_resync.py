"""A region that was away for longer than the others keep history is brought up by a copy: while it
serves, with what was deleted meanwhile, with what it had written itself, and through crashes."""

import json

import pytest

from clusters import globalctl, link, share, wait_held
from processes import Cluster, fetch
from support import N, S, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE, ASIA = REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
HISTORY_BYTES_MAX = 1 << 20
ITEM_BYTES = 30_000
ITEMS = 120


@pytest.fixture
def cluster():
    cluster = Cluster(
        REGIONS,
        [
            f"history.bytesMax: {HISTORY_BYTES_MAX}",
            "limits.feedBytesMax: 64KiB",
            "relay.after: 600ms",
        ],
        ["drills.allow: true"],
    )
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    return share(cluster, "resync")


def status(cluster, region):
    return cluster.regions[region].status()


def metric(cluster, region, name):
    lines = cluster.regions[region].metrics_page().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.split("{")[0].split()[0] == name)


def item(number, version):
    return {"p": S(f"k{number}"), "n": N(version), "v": S("x" * ITEM_BYTES)}


def wait_bounded(cluster, *regions):
    for region in regions:
        wait_until(
            lambda region=region: int(status(cluster, region)["historyBytes"])
            <= HISTORY_BYTES_MAX,
            f"the history of {region} is within its bound",
        )


def everything(table):
    items, _ = table.all_pages(table.scan)
    return {item["p"]["S"]: item for item in items}


def wait_alike(tables):
    wait_until(
        lambda: everything(tables[HOME]) == everything(tables[EUROPE]) == everything(tables[ASIA]),
        "all regions hold the same",
    )


def wait_brought_up(cluster, region):
    """Waits for the end of a copy, not for the time before it, when the region does not know yet that
    it is too far behind."""

    def brought_up():
        return "is brought up" in cluster.regions[region].said() and status(cluster, region)["resync"] == []

    wait_until(brought_up, f"{region} is brought up")


def pause_from(cluster, source, verb="pause"):
    for target in REGIONS:
        if target != source:
            globalctl(cluster, "link", verb, source, target)


def delay_to(cluster, target, milliseconds):
    """Has each request of the links to a region wait for so long."""
    for source in REGIONS:
        if source != target:
            order = {
                "from": source, "to": target, "cut": False, "lossPercent": 0,
                "delayMilliseconds": milliseconds, "forMilliseconds": 600_000,
            }
            fetch(f"{cluster.control}/links/faults", json.dumps(order).encode())


def fall_behind(cluster, tables):
    """Europe writes what nobody sees, and is gone while the others write more than they keep."""
    for number in range(ITEMS):
        tables[HOME].put(item(number, 0))
    wait_held(tables[EUROPE], item(0, 0), item(ITEMS - 1, 0))
    wait_alike(tables)
    pause_from(cluster, EUROPE)
    tables[EUROPE].put({"p": S("mine"), "n": N(1)})
    tables[EUROPE].delete({"p": S("k7")})
    cluster.regions[EUROPE].kill()
    for number in range(0, ITEMS, 2):
        tables[HOME].put(item(number, 1))
        tables[ASIA].put({"p": S(f"asia{number}"), "v": S("y" * ITEM_BYTES)})
    for number in range(20, 40):
        tables[ASIA].delete({"p": S(f"k{number}")})
    wait_bounded(cluster, HOME, ASIA)


def expect_outcome(cluster, tables):
    wait_brought_up(cluster, EUROPE)
    wait_held(tables[HOME], {"p": S("mine"), "n": N(1)})
    wait_alike(tables)
    held = everything(tables[EUROPE])
    assert "k7" not in held
    assert not any(f"k{number}" in held for number in range(20, 40))
    assert held["k0"] == item(0, 1)
    assert len(held) == ITEMS - 21 + ITEMS // 2 + 1
    for region in REGIONS:
        for peer in status(cluster, region)["peers"]:
            settled = sum(
                int(peer[name]) for name in ("newer", "stale", "conflicts", "quarantined")
            )
            assert int(peer["received"]) == settled


def test_a_region_that_missed_too_much_comes_back(cluster, tables):
    fall_behind(cluster, tables)
    cluster.regions[EUROPE].start()
    # What it has it serves at once.
    assert tables[EUROPE].get({"p": S("mine")}) == {"p": S("mine"), "n": N(1)}
    pause_from(cluster, EUROPE, "resume")
    tables[EUROPE].put({"p": S("meanwhile"), "n": N(2)})
    tables[EUROPE].delete({"p": S("meanwhile")})
    expect_outcome(cluster, tables)
    wait_until(
        lambda: metric(cluster, EUROPE, "meridian_table_resync") == 0
        and link(cluster, HOME, EUROPE)["state"] != "resync",
        "metrics and link tell of no copy any more",
    )
    wait_until(
        lambda: metric(cluster, HOME, "meridian_history_bytes") <= HISTORY_BYTES_MAX,
        "the history is within its bound, also by the metrics",
    )
    assert "too far behind" in cluster.regions[EUROPE].said()


@pytest.mark.parametrize("dies", ["target", "source", "daemon"])
def test_a_copy_goes_on_after_a_crash(cluster, tables, dies):
    fall_behind(cluster, tables)
    # So that nobody misses the middle of the copy.
    delay_to(cluster, EUROPE, 100)
    cluster.regions[EUROPE].start()
    pause_from(cluster, EUROPE, "resume")
    seen = {}

    def copying():
        for resync in status(cluster, EUROPE)["resync"]:
            seen.update(resync)
        return seen.get("stage") == "copying" and int(seen["rowsMerged"]) > 0

    wait_until(copying, "Europe merges rows")
    assert seen["table"] == tables[EUROPE].name
    assert int(seen["rowsMerged"]) < int(seen["rowsExpected"])
    if dies == "daemon":
        cluster.daemon.kill()
        cluster.daemon.start()
    else:
        victim = cluster.regions[EUROPE if dies == "target" else seen["source"]]
        victim.kill()
        victim.start()
    delay_to(cluster, EUROPE, 0)
    expect_outcome(cluster, tables)
