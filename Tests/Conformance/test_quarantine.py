"""Changes that a region cannot apply are set aside there, with what follows them on their items;
the links go on."""

import pytest

import metrics
from batches import Carrier, poisoned
from clusters import globalctl, link, share, wait_held
from processes import Cluster
from support import N, S, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE = "us-east-1", "eu-west-1"
BAD = {"p": S("bad")}


@pytest.fixture
def cluster(request):
    cluster = Cluster([HOME, EUROPE], getattr(request, "param", []))
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    return share(cluster, "quarantine")


def quarantine(cluster, *arguments):
    """What Europe has in quarantine."""
    answer = globalctl(cluster, "quarantine", "list", "--region", EUROPE, *arguments)
    return answer["regions"][0]["changes"]


def poison(cluster, tables, *later):
    """Puts `bad` at home and has Europe get it in a form that it does not know, with what *later*
    puts; leaves the link paused."""
    globalctl(cluster, "link", "pause", HOME, EUROPE)
    tables[HOME].put(BAD | {"mark": S("poison-mark")})
    for item in later:
        tables[HOME].put(item)
    carrier = Carrier(cluster.regions[HOME], cluster.regions[EUROPE])
    refusals = 0
    while batch := carrier.next_batch():
        reply = carrier.apply(poisoned(batch, b"poison-mark"))
        if reply.status == 409:
            assert reply.json()["code"] == "CORRUPT"
            refusals += 1
            # It is asked for anew first: what was garbled on its way comes right.
            assert refusals < 3
            continue
        assert reply.status == 200
        if quarantine(cluster):
            return
    raise AssertionError("the source has nothing more")


def test_one_bad_change_stops_no_link(cluster, tables):
    tables[HOME].put(BAD | {"n": N(0)})
    wait_held(tables[EUROPE], BAD | {"n": N(0)})
    poison(cluster, tables, {"p": S("good")}, BAD | {"n": N(2)})
    assert tables[EUROPE].get({"p": S("good")}) == {"p": S("good")}
    assert tables[EUROPE].get(BAD) == BAD | {"n": N(0)}

    globalctl(cluster, "link", "resume", HOME, EUROPE)
    tables[HOME].put(BAD | {"n": N(3)})
    tables[HOME].put({"p": S("after")})
    wait_held(tables[EUROPE], {"p": S("after")})
    waiting = quarantine(cluster, tables[HOME].name)
    assert [change["key"] for change in waiting] == [BAD] * 3
    assert [change["source"] for change in waiting] == [HOME] * 3
    assert "flags" in waiting[0]["reason"]
    assert [change["reason"] for change in waiting[1:]] == [None, None]
    assert waiting[1]["item"] == BAD | {"n": N(2)}
    (peer,) = [peer for peer in cluster.regions[EUROPE].status()["peers"] if peer["region"] == HOME]
    parts = ["newer", "stale", "conflicts", "quarantined"]
    assert peer["received"] == sum(peer[part] for part in parts)
    assert peer["quarantined"] == 3
    # The application is served, also that item.
    tables[EUROPE].put({"p": S("local")})
    wait_held(tables[HOME], {"p": S("local")})

    cluster.regions[EUROPE].kill()
    cluster.regions[EUROPE].start()
    assert quarantine(cluster) == waiting
    shown = globalctl(cluster, "quarantine", "show", waiting[0]["id"], "--region", EUROPE)
    assert b"poison-mark" in bytes.fromhex(shown["change"])
    assert cluster.regions[EUROPE].status()["quarantine"] == 3
    page = metrics.read(cluster.regions[EUROPE].metrics_page())
    assert metrics.value(page, "meridian_quarantine_changes") == 3
    assert "3 changes still" in globalctl(
        cluster, "quarantine", "retry", tables[HOME].name, "--region", EUROPE, status=1
    )


def test_what_is_discarded_stays_on_record(cluster, tables):
    poison(cluster, tables, BAD | {"n": N(2)})
    globalctl(cluster, "link", "resume", HOME, EUROPE)
    front, behind = quarantine(cluster)
    discard = ["quarantine", "discard", "--region", EUROPE]
    assert "stands in front" in globalctl(cluster, *discard, behind["id"], status=1)
    outcome = globalctl(cluster, *discard, front["id"])
    assert (outcome["merged"], outcome["held"]) == (1, 0)
    wait_held(tables[EUROPE], BAD | {"n": N(2)})
    assert quarantine(cluster) == []
    (kept,) = quarantine(cluster, "--discarded")
    assert kept["stamp"] == front["stamp"]
    assert kept["discardedMilliseconds"] >= kept["sinceMilliseconds"]
    tables[EUROPE].put(BAD | {"n": N(4)})
    wait_held(tables[HOME], BAD | {"n": N(4)})


@pytest.mark.parametrize("cluster", [["limits.quarantineChangesMax: 1"]], indirect=True)
def test_a_full_quarantine_holds_the_link_which_says_so(cluster, tables):
    poison(cluster, tables)
    globalctl(cluster, "link", "resume", HOME, EUROPE)
    tables[HOME].put({"p": S("fine")})
    wait_held(tables[EUROPE], {"p": S("fine")})
    tables[HOME].put(BAD | {"n": N(2)})
    tables[HOME].put({"p": S("held")})

    wait_until(
        lambda: link(cluster, HOME, EUROPE)["state"] == "quarantine full",
        "the link says it",
    )
    assert "1 changes are in quarantine" in link(cluster, HOME, EUROPE)["lastTrouble"]
    assert tables[EUROPE].get({"p": S("held")}) is None
    (change,) = quarantine(cluster)
    globalctl(cluster, "quarantine", "discard", change["id"], "--region", EUROPE)
    wait_held(tables[EUROPE], BAD | {"n": N(2)})
    wait_held(tables[EUROPE], {"p": S("held")})
