"""What became of every change that a link brought, and whether the link works: asked of the regions,
of the daemon and of their metrics."""

import json

import pytest

import metrics
from processes import Cluster, fetch
from support import N, S, global_table, refused, unique, wait_until

pytestmark = pytest.mark.processes

HOME, AWAY = REGIONS = ["us-east-1", "eu-west-1"]
PARTS = ["applied", "stale", "conflicts", "quarantined"]


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(REGIONS, daemon_settings=["link.stalledAfter: 2s"])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def views(cluster):
    clients = {region: cluster.client(region) for region in REGIONS}
    return global_table(clients, "accounts")


def incoming(cluster, region=AWAY, source=HOME):
    """What *region* says of the link from *source*."""
    peers = cluster.regions[region].status()["peers"]
    return next(peer for peer in peers if peer["region"] == source)


def link(cluster, source=HOME, target=AWAY):
    """What the daemon says of a link."""
    links = json.loads(fetch(f"{cluster.control}/links"))["links"]
    return next(one for one in links if (one["from"], one["to"]) == (source, target))


def wait_for(cluster, standing, what):
    """What the region and the daemon say of the link, each once it says that it stands so.

    Whatever else is to be looked at then is looked at in these: a machine that stands still for a while
    stalls any link, which a later question would tell of.
    """
    def one(ask, who):
        def stands():
            said = ask(cluster)
            return said if said["standing"] == standing else None

        return wait_until(stands, f"{who} says {what}")

    return one(incoming, "the region"), one(link, "the daemon")


def wait_metrics(fetched, is_so, what):
    """The page of metrics, once it is so."""
    def page():
        shown = metrics.read(fetched())
        return shown if is_so(shown) else None

    return wait_until(page, what)


def make_conflicts(cluster, views, keys):
    """Both regions write *keys* while no link carries anything, and then the links carry all."""
    home, away = views
    with cluster.apart():
        for key in keys:
            home.put(key | {"n": N(1)})
            away.put(key | {"n": N(2)})


def balanced(accounting, *more):
    return accounting["fetched"] == sum(accounting[part] for part in [*PARTS, *more])


def test_fetched_is_applied_and_stale_and_conflicts_and_quarantined(cluster, views):
    home, away = views
    keys = [{"p": S(unique())} for n in range(8)]
    wait_for(cluster, "idle", "that the link is idle before")
    with cluster.apart():
        before = incoming(cluster)["accounting"]
        for key in keys:
            home.put(key | {"n": N(1)})
            away.put(key | {"n": N(2)})
        for number in range(12):
            home.put({"p": S(unique())})

    def settled():
        after = incoming(cluster)
        account = {part: after["accounting"][part] - before[part] for part in before}
        return account["fetched"] >= 20 and after["pending"] == 0 and (after, account)

    after, account = wait_until(settled, "all twenty changes are counted")
    assert account["fetched"] == 20
    assert account["conflicts"] == 8
    assert account["applied"] == 12
    assert balanced(after["accounting"])
    _, carried = wait_for(cluster, "idle", "that the link is idle again")
    assert balanced(carried["accounting"], "waiting", "givenUp")
    assert carried["lagChanges"] == 0

    region = cluster.regions[AWAY]
    accounting = incoming(cluster)["accounting"]
    region.kill()
    region.start()
    assert incoming(cluster)["accounting"] == accounting, "the account survives a crash"


def test_idle_and_stalled_are_told_apart(cluster, views):
    idle, _ = wait_for(cluster, "idle", "that nothing is to be shipped")
    assert idle["reason"] is None
    heard = idle["lastHeartbeatMilliseconds"]
    wait_until(
        lambda: incoming(cluster)["lastHeartbeatMilliseconds"] > heard, "heartbeats arrive"
    )
    cluster.change_link("pause", HOME, AWAY)
    try:
        heard, carried = wait_for(cluster, "stalled", "that the link is stalled")
        assert carried["reason"] == "paused"
        assert heard["reason"].startswith("no heartbeat for ")
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
        wait_until(
            lambda: "unreachable" in link(cluster)["state"], "the daemon says what it is stalled by"
        )
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
    ends = {"SourceRegion": HOME, "ReceivingRegion": AWAY}

    def logged_on(page):
        name = views[1].name
        return metrics.value(page, "meridian_conflicts_logged_total", TableName=name) or 0

    earlier = logged_on(metrics.read(cluster.regions[AWAY].metrics_page()))
    make_conflicts(cluster, views, [{"p": S(unique())} for _ in range(3)])

    def is_at_rest(page):
        pending = metrics.value(page, "PendingReplicationCount", **ends)
        stalled = metrics.value(page, "meridian_link_standing", **ends, standing="stalled")
        return pending == 0 and stalled == 0 and logged_on(page) >= earlier + 3

    def page_between_equal_accounts():
        before = incoming(cluster)["accounting"]
        page = metrics.read(cluster.regions[AWAY].metrics_page())
        after = incoming(cluster)["accounting"]
        return (page, after) if is_at_rest(page) and before == after else None

    page, accounting = wait_until(
        page_between_equal_accounts, "the metrics tell of rest after conflicts"
    )
    for part in PARTS:
        assert metrics.value(page, "meridian_link_changes_total", **ends, outcome=part) == (
            accounting[part]
        )
    received = metrics.value(page, "meridian_link_received_changes_total", **ends)
    assert received == accounting["fetched"]
    assert metrics.value(page, "ReplicationLatency", **ends) >= 0
    logged = logged_on(page)
    assert logged <= accounting["conflicts"], "those of descriptions are counted there too"
    assert metrics.value(page, "meridian_conflicts_held", TableName=views[1].name) == logged
    assert metrics.value(page, "meridian_quarantine_changes") == 0


def test_metrics_of_the_daemon(cluster, views):
    ends = {"SourceRegion": HOME, "ReceivingRegion": AWAY}
    page = wait_metrics(
        lambda: fetch(f"{cluster.control}/metrics").decode(),
        lambda page: metrics.value(page, "PendingReplicationCount", **ends) == 0
        and metrics.value(page, "ReplicationLatency", **ends) is not None,
        "the metrics tell of rest",
    )
    parts = [metrics.value(page, "meridian_link_changes_total", **ends, outcome=p) for p in PARTS]
    on_the_way = [
        metrics.value(page, f"meridian_link_{name}", **ends)
        for name in ("waiting_changes", "given_up_changes_total")
    ]
    fetched = metrics.value(page, "meridian_link_fetched_changes_total", **ends)
    assert fetched == sum(parts) + sum(on_the_way)
    assert metrics.value(page, "ReplicationLatency", **ends) >= 0


def test_metrics_of_requests(cluster, views):
    home, _ = views

    def page():
        return metrics.read(cluster.regions[HOME].metrics_page())

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
