"""What became of every change that a link brought, and whether the link works: asked of the regions,
of the daemon and of their metrics."""

import json
import urllib.request

import pytest

import metrics
from processes import Cluster
from support import N, S, global_table, refused, wait_until

pytestmark = pytest.mark.processes

HOME, AWAY = REGIONS = ["us-east-1", "eu-west-1"]
HEARTBEAT = "heartbeat.interval: 200ms"
PARTS = ["applied", "stale", "conflicts", "quarantined"]


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(REGIONS, [HEARTBEAT], ["link.stalledAfter: 2s"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def views(cluster):
    clients = {region: cluster.client(region) for region in REGIONS}
    return global_table(clients, "accounts")


def ask(url):
    with urllib.request.urlopen(url, timeout=10) as reply:
        return reply.read().decode()


def incoming(cluster, region=AWAY, source=HOME):
    """What *region* says of the link from *source*."""
    peers = json.loads(ask(f"{cluster.regions[region].peer}/status"))["peers"]
    return next(peer for peer in peers if peer["region"] == source)


def link(cluster, source=HOME, target=AWAY):
    """What the daemon says of a link."""
    links = json.loads(ask(f"{cluster.control}/links"))["links"]
    return next(one for one in links if (one["from"], one["to"]) == (source, target))


def wait_for(cluster, standing, what):
    wait_until(lambda: incoming(cluster)["standing"] == standing, f"the region says {what}")
    wait_until(lambda: link(cluster)["standing"] == standing, f"the daemon says {what}")


def balanced(accounting, *more):
    return accounting["fetched"] == sum(accounting[part] for part in [*PARTS, *more])


def test_fetched_is_applied_and_stale_and_conflicts_and_quarantined(cluster, views):
    home, away = views
    keys = [{"p": S(f"k{n}")} for n in range(8)]
    wait_for(cluster, "idle", "that the link is idle before")
    before = incoming(cluster)["accounting"]
    cluster.change_link("pause", HOME, AWAY)
    cluster.change_link("pause", AWAY, HOME)
    try:
        for key in keys:
            home.put(key | {"n": N(1)})
            away.put(key | {"n": N(2)})
        for number in range(12):
            home.put({"p": S(f"more{number}")})
    finally:
        cluster.change_link("resume", HOME, AWAY)
        cluster.change_link("resume", AWAY, HOME)

    def counted(part):
        return incoming(cluster)["accounting"][part] - before[part]

    wait_until(lambda: counted("fetched") == 20, "all twenty changes are counted")
    assert counted("conflicts") == 8
    assert counted("applied") == 12
    assert balanced(incoming(cluster)["accounting"])
    wait_for(cluster, "idle", "that the link is idle again")
    assert balanced(link(cluster)["accounting"], "waiting", "givenUp")
    assert incoming(cluster)["pending"] == 0
    assert link(cluster)["lagChanges"] == 0

    region = cluster.regions[AWAY]
    accounting = incoming(cluster)["accounting"]
    region.kill()
    region.start()
    assert incoming(cluster)["accounting"] == accounting, "the account survives a crash"


def test_idle_and_stalled_are_told_apart(cluster, views):
    wait_for(cluster, "idle", "that nothing is to be shipped")
    assert incoming(cluster)["reason"] is None
    heard = incoming(cluster)["lastHeartbeatMilliseconds"]
    wait_until(
        lambda: incoming(cluster)["lastHeartbeatMilliseconds"] > heard, "heartbeats arrive"
    )
    cluster.change_link("pause", HOME, AWAY)
    try:
        wait_for(cluster, "stalled", "that the link is stalled")
        assert link(cluster)["reason"] == "paused"
        assert incoming(cluster)["reason"].startswith("no heartbeat for ")
        code, text, _ = cluster.globalctl("status")
        assert code == 0
        assert "stalled" in text and "paused" in text and "no heartbeat for " in text
    finally:
        cluster.change_link("resume", HOME, AWAY)
    wait_for(cluster, "idle", "that the link works again")

    source = cluster.regions[HOME]
    source.kill()
    try:
        wait_for(cluster, "stalled", "that the source is gone")
        assert "unreachable" in link(cluster)["state"]
        lag = incoming(cluster)["lagMilliseconds"]
        wait_until(lambda: incoming(cluster)["lagMilliseconds"] > lag, "the lag grows")
    finally:
        source.start()
    wait_for(cluster, "idle", "that the link has its source back")


def test_status_shows_the_accounts(cluster, views):
    wait_for(cluster, "idle", "that the link is idle")
    code, text, _ = cluster.globalctl("status", "--output", "json")
    assert code == 0
    status = json.loads(text)
    for one in status["links"]:
        assert balanced(one["accounting"], "waiting", "givenUp")
    for region in status["regions"]:
        for peer in region["peers"]:
            assert balanced(peer["accounting"])
            assert peer["standing"] in ("idle", "shipping", "stalled")


def test_metrics_of_the_region(cluster, views):
    wait_for(cluster, "idle", "that the link is idle")
    page = metrics.read(ask(f"{cluster.regions[AWAY].peer}/metrics"))
    ends = {"SourceRegion": HOME, "ReceivingRegion": AWAY}
    accounting = incoming(cluster)["accounting"]
    for part in PARTS:
        assert metrics.value(page, "meridian_link_changes_total", **ends, outcome=part) == (
            accounting[part]
        )
    received = metrics.value(page, "meridian_link_received_changes_total", **ends)
    assert received == accounting["fetched"]
    assert metrics.value(page, "PendingReplicationCount", **ends) == 0
    assert metrics.value(page, "ReplicationLatency", **ends) >= 0
    assert metrics.value(page, "meridian_link_standing", **ends, standing="stalled") == 0
    logged = metrics.value(page, "meridian_conflicts_logged_total", TableName=views[1].name)
    assert logged <= accounting["conflicts"], "those of descriptions are counted there too"
    assert metrics.value(page, "meridian_conflicts_held", TableName=views[1].name) == logged
    assert metrics.value(page, "meridian_quarantine_changes") == 0


def test_metrics_of_the_daemon(cluster, views):
    wait_for(cluster, "idle", "that the link is idle")
    page = metrics.read(ask(f"{cluster.control}/metrics"))
    ends = {"SourceRegion": HOME, "ReceivingRegion": AWAY}
    parts = [metrics.value(page, "meridian_link_changes_total", **ends, outcome=p) for p in PARTS]
    on_the_way = [
        metrics.value(page, f"meridian_link_{name}", **ends)
        for name in ("waiting_changes", "given_up_changes_total")
    ]
    fetched = metrics.value(page, "meridian_link_fetched_changes_total", **ends)
    assert fetched == sum(parts) + sum(on_the_way)
    assert metrics.value(page, "ReplicationLatency", **ends) >= 0
    assert metrics.value(page, "PendingReplicationCount", **ends) == 0


def test_metrics_of_requests(cluster, views):
    home, _ = views

    def page():
        return metrics.read(ask(f"{cluster.regions[HOME].peer}/metrics"))

    def count(name, operation):
        return metrics.value(page(), name, Operation=operation) or 0

    gets = count("SuccessfulRequestLatency_count", "GetItem")
    failed = count("ConditionalCheckFailedRequests", "PutItem")
    errors = metrics.value(page(), "UserErrors")
    home.put({"p": S("counted")})
    for _ in range(5):
        home.get({"p": S("counted")})
    with refused("ConditionalCheckFailedException"):
        home.client.put_item(
            TableName=home.name,
            Item={"p": S("counted")},
            ConditionExpression="attribute_not_exists(p)",
        )
    with refused("ResourceNotFoundException"):
        home.client.get_item(TableName="no-such-table", Key={"p": S("x")})
    assert count("SuccessfulRequestLatency_count", "GetItem") == gets + 5
    assert count("ConditionalCheckFailedRequests", "PutItem") == failed + 1
    assert metrics.value(page(), "UserErrors") == errors + 1
    buckets = [
        number
        for (name, labels), number in page().items()
        if name == "SuccessfulRequestLatency_bucket" and ("Operation", "GetItem") in labels
    ]
    assert max(buckets) == gets + 5
