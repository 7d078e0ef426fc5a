"""What survivors give each other of a region that is lost, and what one gets back that has lost its
latest files: three regions and one daemon."""

import json
import shutil
import urllib.request
from pathlib import Path

import pytest

from processes import Cluster
from support import N, S, Table, schema, unique, wait_active, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE, ASIA = REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
CONVERGE_SECONDS = 40.0


@pytest.fixture
def cluster():
    cluster = Cluster(REGIONS, ["relay.after: 1s", "heartbeat.interval: 200ms"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    """The same table in all three regions."""
    name = unique("relay")
    home = cluster.client(HOME)
    home.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema())
    wait_active(home, name)
    for region in (EUROPE, ASIA):
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
        wait_until(
            lambda region=region: serves(cluster.client(region), name) and serves(home, name),
            f"{name} is ACTIVE in {region} and at home",
            CONVERGE_SECONDS,
        )
    return {region: Table(cluster.client(region), name) for region in REGIONS}


def serves(client, name):
    try:
        return client.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"
    except client.exceptions.ResourceNotFoundException:
        return False


def change_link(cluster, verb, source, target):
    text = cluster.daemon.config.read_text()
    control = next(line.split(" ")[1] for line in text.splitlines() if line.startswith("control"))
    body = json.dumps({"from": source, "to": target}).encode()
    request = urllib.request.Request(f"http://{control}/links/{verb}", body, method="POST")
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 200


def wait_held(table, items, what):
    wait_until(
        lambda: all(table.get({"p": item["p"]}) == item for item in items),
        what,
        CONVERGE_SECONDS,
    )


def test_what_a_lost_region_brought_to_one_reaches_all(cluster, tables):
    gone = {"p": S("gone"), "n": N(0)}
    tables[HOME].put(gone)
    wait_held(tables[ASIA], [gone], "the item that will be deleted is in Asia")
    change_link(cluster, "pause", HOME, ASIA)

    items = [{"p": S(f"k{n}"), "n": N(n)} for n in range(50)]
    for item in items:
        tables[HOME].put(item)
    tables[HOME].client.delete_item(TableName=tables[HOME].name, Key={"p": S("gone")})
    wait_until(
        lambda: tables[EUROPE].get({"p": S("gone")}) is None, "Europe has it", CONVERGE_SECONDS
    )
    cluster.regions[HOME].kill()
    # A pause holds against relays as well.
    change_link(cluster, "resume", HOME, ASIA)

    wait_held(tables[ASIA], items, "Asia holds what reached Europe alone")
    wait_until(
        lambda: tables[ASIA].get({"p": S("gone")}) is None,
        "the delete came as well",
        CONVERGE_SECONDS,
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
    wait_held(tables[EUROPE], items, "Europe has the writes")
    region.kill()
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    region.start()

    new = {"p": S("new"), "n": N(2)}
    tables[HOME].put(new)
    wait_held(tables[HOME], [old, new, *items], "the region has its writes back")
    for other in (EUROPE, ASIA):
        wait_held(tables[other], [old, new, *items], f"{other} agrees")
    with urllib.request.urlopen(f"{region.peer}/status", timeout=10) as reply:
        recovered = json.load(reply)["recovered"]
    assert recovered["changes"] >= len(items)
    assert "peers gave back" in region.log.read_text(errors="replace")


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
        wait_held(tables[name], [gone, *own], f"{name} has the writes")
    tables[others[0]].client.delete_item(TableName=tables[lost].name, Key={"p": gone["p"]})
    region.kill()
    shutil.rmtree(Path(cluster.directory.name) / "data" / lost)
    late = [{"p": S(f"late{n}"), "n": N(n)} for n in range(10)]
    for item in late:
        tables[others[1]].put(item)
    region.start()

    wait_until(
        lambda: serves(tables[lost].client, tables[lost].name),
        "the table is there again",
        CONVERGE_SECONDS,
    )
    wait_held(tables[lost], [*own, *late], "the region has everything again")
    new = {"p": S("new"), "n": N(1)}
    tables[lost].put(new)
    for name in REGIONS:
        wait_held(tables[name], [*own, *late, new], f"{name} agrees")
        wait_until(
            lambda name=name: tables[name].get({"p": gone["p"]}) is None,
            f"the delete is in {name}",
            CONVERGE_SECONDS,
        )
