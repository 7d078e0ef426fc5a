"""`globalctl verify` compares regions while they are written: no false alarms, and every difference
that somebody made behind a region's back is named."""

import json
import random
import threading
from contextlib import contextmanager

import pytest

from clusters import run_globalctl, share, wait_held
from indexes import create_index, described, index
from processes import Cluster
from stores import opened
from support import N, S, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE, ASIA = REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
DIFFERENT, INCOMPLETE = 3, 4
ITEMS = 400


@pytest.fixture
def cluster():
    cluster = Cluster(REGIONS)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    tables = share(cluster, "verified")
    tables[HOME].fill([{"p": S(f"cold{n}"), "n": N(n), "note": S("x" * 40)} for n in range(ITEMS)])
    settled(tables)
    return tables


def settled(tables):
    """Every region has what was written before."""
    marks = [{"p": S(f"mark-{region}"), "n": N(random.getrandbits(60))} for region in REGIONS]
    for region, mark in zip(REGIONS, marks):
        tables[region].put(mark)
    for table in tables.values():
        wait_held(table, *marks)


def verify(cluster, table, *arguments, status=0):
    """What the tool says, as JSON; it must end with *status*."""
    done = run_globalctl(cluster, "verify", table.name, *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def found(answer, *kinds):
    return [one for one in answer["differences"] if one["kind"] in kinds]


def named(answer):
    """The differing items: key, and by region what it shows."""
    return {
        one["key"]["p"]["S"]: {shown["region"]: shown["state"] for shown in one["regions"]}
        for one in found(answer, "differs")
    }


@contextmanager
def edited(cluster, region):
    """The region's items and index entries, while it is stopped in an orderly way."""
    process = cluster.regions[region]
    assert process.stop() == 0
    try:
        with opened(cluster, region) as rows:
            yield rows
    finally:
        process.start()


def tombstones(cluster, region):
    return cluster.regions[region].status()["tombstones"]


@contextmanager
def written(tables):
    """All regions write, update and delete hot items until the block is over."""
    over = threading.Event()
    failures = []

    def write(region):
        table, chance = tables[region], random.Random(region)
        try:
            while not over.is_set():
                key = {"p": S(f"hot{chance.randrange(60)}")}
                if chance.randrange(4) == 0:
                    table.delete(key)
                else:
                    table.put(key | {"n": N(chance.randrange(1000)), "by": S(region)})
        except Exception as error:  # The thread's own end is no failure of the test; this is.
            failures.append(error)

    threads = [threading.Thread(target=write, args=(region,)) for region in REGIONS]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failures


def test_regions_that_are_written_all_the_time_are_the_same(cluster, tables):
    with written(tables):
        for _ in range(6):
            answer = verify(cluster, tables[HOME])
            assert answer["verdict"] == "same"
            assert answer["items"] >= ITEMS
            assert answer["differences"] == []


def test_a_row_that_is_gone_from_one_region_is_named(cluster, tables):
    with edited(cluster, EUROPE) as (items, _):
        del items[items.keys(b"cold7")[0]]
    with written(tables):
        answer = verify(cluster, tables[HOME], status=DIFFERENT)
    (states,) = named(answer).values()
    assert states == {HOME: "present", EUROPE: "absent", ASIA: "present"}
    # The region's own counts tell it too.
    (count,) = found(answer, "derived")
    assert (count["region"], count["subject"]) == (EUROPE, "counts")

    with written(tables):
        repaired = verify(cluster, tables[HOME], "--repair")
    assert repaired["verdict"] == "same"
    (repair,) = repaired["repairs"]
    assert repair["trouble"] is None
    assert len(repair["steps"]) == 1 and repair["steps"][0].startswith(EUROPE)
    assert verify(cluster, tables[HOME])["verdict"] == "same"


def test_a_row_that_was_altered_in_one_region_is_named(cluster, tables):
    tables[ASIA].put({"p": S("altered"), "note": S("the very image")})
    settled(tables)
    with edited(cluster, ASIA) as (items, _):
        (row,) = items.keys(b"altered")
        assert b"the very image" in items[row]
        items[row] = items[row].replace(b"the very image", b"the evil image")
    with written(tables):
        answer = verify(cluster, tables[HOME], status=DIFFERENT)
    assert list(named(answer)) == ["altered"]
    shown = {one["region"]: one["digest"] for one in answer["differences"][0]["regions"]}
    assert shown[HOME] == shown[EUROPE] != shown[ASIA]
    code, said, _ = cluster.globalctl("verify", tables[HOME].name)
    assert code == DIFFERENT

    # The histories tell which image the stamp stands for.
    repaired = verify(cluster, tables[HOME], "--repair")
    assert repaired["verdict"] == "same"
    assert tables[ASIA].get({"p": S("altered")})["note"] == S("the very image")
    assert 'DIFFERS {"p":{"S":"altered"}}' in said


def test_a_delete_that_one_region_missed_is_carried_out_there(cluster, tables):
    key = {"p": S("deleted")}
    tables[HOME].put(key | {"n": N(1)})
    settled(tables)
    with edited(cluster, EUROPE) as (items, _):
        (row,) = items.keys(b"deleted")
        value = items[row]
    tables[ASIA].delete(key)
    settled(tables)
    # What still had a tombstone would lose the planted row with it.
    wait_until(
        lambda: all(tombstones(cluster, region) == 0 for region in REGIONS),
        "the delete is forgotten everywhere",
    )
    with edited(cluster, EUROPE) as (items, _):
        items[row] = value
    answer = verify(cluster, tables[HOME], status=DIFFERENT)
    assert named(answer)["deleted"][EUROPE] == "present"
    repaired = verify(cluster, tables[HOME], "--repair")
    assert repaired["verdict"] == "same"
    for table in tables.values():
        assert table.get(key) is None


def test_an_index_row_that_is_gone_is_named(cluster, tables):
    create_index(cluster.client(HOME), tables[HOME], index("by-n", "n"), n="N")
    for region in REGIONS:
        wait_until(
            lambda region=region: (
                described(cluster.client(region), tables[HOME], "by-n") or {}
            ).get("IndexStatus") == "ACTIVE",
            f"the index is built in {region}",
        )
    assert verify(cluster, tables[HOME])["verdict"] == "same"
    with edited(cluster, ASIA) as (_, entries):
        del entries[entries.keys(b"cold11")[0]]
    with written(tables):
        answer = verify(cluster, tables[HOME], status=DIFFERENT)
    assert named(answer) == {}
    derived = found(answer, "derived")
    assert {one["region"] for one in derived} == {ASIA}
    entry = next(one for one in derived if one["subject"] == "index by-n")
    assert entry["key"]["p"]["S"].startswith("cold11")
    assert "lacks" in entry["problem"]
    assert {one["subject"] for one in derived} == {"index by-n", "counts of index by-n"}
    left_out = verify(cluster, tables[HOME], "--skip-derived")
    assert left_out["verdict"] == "same"


def test_a_region_that_does_not_answer_is_no_difference(cluster, tables):
    cluster.regions[ASIA].kill()
    answer = verify(cluster, tables[HOME], status=INCOMPLETE)
    assert answer["verdict"] == "incomplete"
    assert answer["differences"] == []
    part = {one["region"]: one["part"] for one in answer["regions"]}
    assert part == {HOME: "compared", EUROPE: "compared", ASIA: "missing"}
    # Those that are there can be compared by themselves.
    some = verify(cluster, tables[HOME], "--regions", f"{HOME},{EUROPE}")
    assert some["verdict"] == "same"


def test_what_is_held_up_is_said_and_is_no_difference(cluster, tables):
    cluster.change_link("pause", HOME, EUROPE)
    cluster.change_link("pause", HOME, ASIA)
    tables[HOME].put({"p": S("held"), "n": N(1)})
    answer = verify(cluster, tables[HOME], "--wait", "3", status=INCOMPLETE)
    (one,) = answer["differences"]
    assert (one["kind"], one["key"]) == ("undecided", {"p": S("held")})
    assert "has not received" in one["reason"]


def test_a_comparison_goes_on_after_a_region_was_killed(cluster, tables, tmp_path):
    with edited(cluster, EUROPE) as (items, _):
        # Near the end: the comparison stands at a difference until it has been looked at.
        del items[items.keys(b"cold3")[-1]]
    state = tmp_path / "state.json"
    # So slow that there is time to kill a region in the middle.
    asked = ["--resume", str(state), "--rate", "50"]
    ends = []
    thread = threading.Thread(
        target=lambda: ends.append(run_globalctl(cluster, "verify", tables[HOME].name, *asked))
    )
    thread.start()
    try:
        wait_until(
            lambda: ends
            or state.exists()
            and json.loads(state.read_text())["next"] not in ("", None),
            "it has come to somewhere in the middle",
        )
        assert not ends, ends[0].stdout + ends[0].stderr
        cluster.regions[ASIA].kill()
    finally:
        thread.join()
    (first,) = ends
    assert first.returncode in (DIFFERENT, INCOMPLETE), first.stderr
    assert json.loads(first.stdout)["complete"] is False
    assert state.exists()
    # Of another table, and of other regions, it is refused.
    other = share_another(cluster, tables)
    refused = run_globalctl(cluster, "verify", other, "--resume", str(state))
    assert refused.returncode == 1
    assert "another table" in refused.stderr

    answer = verify(cluster, tables[HOME], "--resume", str(state), status=DIFFERENT)
    assert answer["complete"] is True
    assert len(named(answer)) == 1
    assert not state.exists()


def share_another(cluster, tables):
    """Starts Asia again and makes one more table."""
    cluster.regions[ASIA].start()
    wait_held(tables[ASIA], {"p": S("cold1"), "n": N(1), "note": S("x" * 40)})
    return share(cluster, "another")[HOME].name


def test_a_table_that_nobody_has_is_refused(cluster):
    done = run_globalctl(cluster, "verify", "nothing")
    assert done.returncode == 1
    assert "no region has a table nothing" in done.stderr
