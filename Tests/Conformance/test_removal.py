"""A region that is gone is removed from a table without its word; when it comes back, what it had
shipped to nobody is kept aside, exported, and merged on command."""

import json

import pytest

from clusters import globalctl, run_globalctl, share, wait_held
from processes import Cluster
from support import N, S, table_status, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE, ASIA = REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]


@pytest.fixture
def cluster():
    cluster = Cluster(REGIONS, ["relay.after: 600ms"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    return share(cluster, "removal")


def pause(cluster, *ways):
    for source, target in ways:
        globalctl(cluster, "link", "pause", source, target)


def resume_all(cluster):
    for source in REGIONS:
        for target in REGIONS:
            if source != target:
                globalctl(cluster, "link", "resume", source, target)


def members(cluster, region, name):
    replicas = cluster.client(region).describe_table(TableName=name)["Table"].get("Replicas", [])
    return {replica["RegionName"] for replica in replicas} | {region}


def unshipped(cluster, region):
    return cluster.regions[region].status()["unshipped"]


def lose(cluster, tables):
    """Asia writes what reaches Europe only, then what reaches nobody, and is gone."""
    name = tables[HOME].name
    shared = [{"p": S(f"shared{n}"), "n": N(n)} for n in range(5)]
    pause(cluster, (ASIA, HOME))
    for item in shared:
        tables[ASIA].put(item)
    wait_held(tables[EUROPE], *shared)
    pause(cluster, (ASIA, EUROPE))
    tables[ASIA].put({"p": S("new"), "n": N(1)})
    tables[ASIA].put({"p": S("new"), "n": N(2)})
    tables[ASIA].put({"p": S("shared0"), "n": N(100)})
    tables[ASIA].delete({"p": S("shared1")})
    tables[ASIA].put({"p": S("shared2"), "n": N(100)})
    cluster.regions[ASIA].kill()
    # A pause holds against relays as well.
    resume_all(cluster)
    return name, shared


def test_a_region_that_does_not_answer_is_not_removed_by_mistake(cluster, tables):
    cluster.regions[ASIA].kill()
    said = globalctl(cluster, "replica", "remove", tables[HOME].name, ASIA, status=1)
    assert "does not answer" in said and "--force" in said
    assert f"{HOME} holds its writes through" in said
    assert members(cluster, HOME, tables[HOME].name) == set(REGIONS)


def test_a_region_that_is_gone_is_removed_and_may_come_back(cluster, tables):
    name, shared = lose(cluster, tables)
    globalctl(cluster, "replica", "remove", name, ASIA, "--force")
    for region in (HOME, EUROPE):
        assert members(cluster, region, name) == {HOME, EUROPE}
        wait_held(tables[region], *shared)
        assert table_status(cluster.client(region), name) == "ACTIVE"
    # The others go on, and forget deletes without it.
    later = {"p": S("shared2"), "n": N(7)}
    tables[HOME].put(later)
    wait_held(tables[EUROPE], later)

    cluster.regions[ASIA].start()
    wait_until(
        lambda: table_status(cluster.client(ASIA), name) is None,
        "Asia finds itself removed",
    )
    assert unshipped(cluster, ASIA) == 5
    cluster.regions[ASIA].wait_said("removed from table")
    lines = run_globalctl(cluster, "unshipped", "export", "--table", name).stdout.splitlines()
    exported = [json.loads(line) for line in lines]
    assert [change["region"] for change in exported] == [ASIA] * 5
    latest = {
        change["item"]["p"]["S"]: change["item"]["n"]["N"]
        for change in exported
        if change["isLatest"] and change["kind"] == "put"
    }
    assert latest == {"new": "2", "shared0": "100", "shared2": "100"}
    assert sum(change["kind"] == "delete" for change in exported) == 1
    for region in (HOME, EUROPE):
        assert tables[region].get({"p": S("new")}) is None

    # It joins anew, and brings nothing of that by itself.
    globalctl(cluster, "replica", "add", name, ASIA)
    wait_held(tables[ASIA], shared[0], shared[1], later)
    assert tables[ASIA].get({"p": S("new")}) is None
    outcome = globalctl(cluster, "unshipped", "merge", ASIA, "--into", HOME)
    assert {key: int(count) for key, count in outcome.items()} == {
        "written": 3, "lost": 1, "refused": 0,
    }
    merged = [{"p": S("new"), "n": N(2)}, {"p": S("shared0"), "n": N(100)}, later]
    for region in REGIONS:
        wait_held(tables[region], *merged)
        wait_until(
            lambda region=region: tables[region].get({"p": S("shared1")}) is None,
            f"the delete is in {region}",
        )
    # Said twice it is done once.
    again = globalctl(cluster, "unshipped", "merge", ASIA, "--into", HOME)
    assert int(again["written"]) == 0
    lists = globalctl(cluster, "unshipped", "list", "--region", ASIA)["regions"]
    assert all(change["mergedMilliseconds"] > 0 for change in lists[0]["changes"])


def test_a_region_that_is_up_hands_over_what_it_has(cluster, tables):
    items = [{"p": S(f"k{n}"), "n": N(n)} for n in range(20)]
    for item in items:
        tables[ASIA].put(item)
    globalctl(cluster, "replica", "remove", tables[HOME].name, ASIA)
    assert members(cluster, HOME, tables[HOME].name) == {HOME, EUROPE}
    for region in (HOME, EUROPE):
        wait_held(tables[region], *items)
    assert unshipped(cluster, ASIA) == 0


def test_a_region_that_cannot_hand_over_says_what_is_missing(cluster, tables):
    pause(cluster, (ASIA, HOME))
    tables[ASIA].put({"p": S("k"), "n": N(1)})
    said = globalctl(
        cluster, "replica", "remove", tables[HOME].name, ASIA, "--timeout", "2", status=1
    )
    assert "unshipped changes: " in said and f"to {HOME}" in said
    resume_all(cluster)
    wait_until(
        lambda: members(cluster, HOME, tables[HOME].name) == {HOME, EUROPE},
        "it leaves once it can",
    )
    assert tables[HOME].get({"p": S("k")}) == {"p": S("k"), "n": N(1)}
