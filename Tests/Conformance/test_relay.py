"""What survivors give each other of a region that is lost, and what one gets back that has lost its
latest files: three regions and one daemon."""

import shutil
from pathlib import Path

import pytest

from clusters import share, wait_held
from processes import Cluster
from support import N, S, table_status, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE, ASIA = REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]


@pytest.fixture
def cluster():
    cluster = Cluster(REGIONS, ["relay.after: 1s"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    return share(cluster, "relay")


def test_what_a_lost_region_brought_to_one_reaches_all(cluster, tables):
    gone = {"p": S("gone"), "n": N(0)}
    tables[HOME].put(gone)
    wait_held(tables[ASIA], gone)
    cluster.change_link("pause", HOME, ASIA)

    items = [{"p": S(f"k{n}"), "n": N(n)} for n in range(50)]
    for item in items:
        tables[HOME].put(item)
    tables[HOME].client.delete_item(TableName=tables[HOME].name, Key={"p": S("gone")})
    wait_until(
        lambda: tables[EUROPE].get({"p": S("gone")}) is None, "Europe has it"
    )
    cluster.regions[HOME].kill()
    # A pause holds against relays as well.
    cluster.change_link("resume", HOME, ASIA)

    wait_held(tables[ASIA], *items)
    wait_until(
        lambda: tables[ASIA].get({"p": S("gone")}) is None,
        "the delete came as well",
    )


def test_a_region_started_from_an_older_copy_gets_its_writes_back(cluster, tables):
    region = cluster.regions[HOME]
    data = Path(cluster.directory.name) / "data" / HOME
    copy = Path(cluster.directory.name) / "copy"
    old = {"p": S("old"), "n": N(1)}
    tables[HOME].put(old)
    assert region.stop() == 0
    shutil.copytree(data, copy)
    region.start()

    items = [{"p": S(f"k{n}"), "n": N(n)} for n in range(30)]
    for item in items:
        tables[HOME].put(item)
    wait_held(tables[EUROPE], *items)
    region.kill()
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    region.start()

    new = {"p": S("new"), "n": N(2)}
    tables[HOME].put(new)
    wait_held(tables[HOME], old, new, *items)
    for other in (EUROPE, ASIA):
        wait_held(tables[other], old, new, *items)
    wait_until(
        lambda: (region.status()["recovered"] or {}).get("changes", 0) >= len(items),
        "the region counts what it was given back",
    )
    region.wait_said("peers gave back")


@pytest.mark.parametrize("lost", [HOME, EUROPE])
def test_a_region_that_lost_its_directory_comes_back_with_all_that_its_peers_have(
    cluster, tables, lost
):
    region = cluster.regions[lost]
    others = [name for name in REGIONS if name != lost]
    gone = {"p": S("gone"), "n": N(0)}
    tables[lost].put(gone)
    own = [{"p": S(f"own{n}"), "n": N(n)} for n in range(30)]
    for item in own:
        tables[lost].put(item)
    for name in others:
        wait_held(tables[name], gone, *own)
    tables[others[0]].client.delete_item(TableName=tables[lost].name, Key={"p": gone["p"]})
    region.kill()
    shutil.rmtree(Path(cluster.directory.name) / "data" / lost)
    late = [{"p": S(f"late{n}"), "n": N(n)} for n in range(10)]
    for item in late:
        tables[others[1]].put(item)
    region.start()

    wait_until(
        lambda: table_status(tables[lost].client, tables[lost].name) == "ACTIVE",
        "the table is there again",
    )
    wait_held(tables[lost], *own, *late)
    new = {"p": S("new"), "n": N(1)}
    tables[lost].put(new)
    for name in REGIONS:
        wait_held(tables[name], *own, *late, new)
        wait_until(
            lambda name=name: tables[name].get({"p": gone["p"]}) is None,
            f"the delete is in {name}",
        )
