"""Global tables: three regions and the daemon between them, killed and started again."""

import itertools
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from processes import Cluster
from support import (
    CONDITION_FAILED, N, NOT_FOUND, NS, S, SETTLE_SECONDS, Table, let_time_pass, normal, refused,
    schema, unique, wait_active, wait_gone, wait_until,
)

pytestmark = pytest.mark.processes

REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
HOME, EUROPE, ASIA = REGIONS


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(REGIONS)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(autouse=True)
def all_running(request, cluster):
    """Each test finds every process running; what one dies of is shown with the failure."""
    for program in cluster.programs:
        if not program.running:
            program.start()
    yield
    for program in cluster.programs:
        code = None if program.process is None else program.process.poll()
        if code not in (None, 0, -9):
            pytest.fail(f"{program.log.name} ended with {code}:\n{program.last_words()}")


def replicas(client, name):
    described = client.describe_table(TableName=name)["Table"]
    return {one["RegionName"]: one["ReplicaStatus"] for one in described.get("Replicas", [])}


def add_replica(cluster, name, region, home=HOME):
    cluster.client(home).update_table(
        TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}]
    )
    members = {home, region} | set(replicas(cluster.client(home), name))
    for here in members:
        wait_until(
            lambda here=here: is_active(cluster.client(here), name, members - {here}),
            lambda here=here: f"{name} is ACTIVE in {here} with replicas in "
            f"{sorted(members - {here})}; globald says:\n{cluster.daemon.last_words(15)}",
        )


def is_active(client, name, others):
    try:
        described = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == NOT_FOUND:
            return False
        raise
    statuses = {one["RegionName"]: one["ReplicaStatus"] for one in described.get("Replicas", [])}
    return described["TableStatus"] == "ACTIVE" and all(
        statuses.get(other) == "ACTIVE" for other in others
    )


def make_table(cluster, regions=REGIONS, home=HOME, items=()):
    """A table in all *regions*, and its view from each, in their order."""
    name = unique("global-")
    cluster.client(home).create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", **schema("S")
    )
    wait_active(cluster.client(home), name)
    Table(cluster.client(home), name).fill(list(items))
    for region in regions:
        if region != home:
            add_replica(cluster, name, region, home)
    return [Table(cluster.client(region), name) for region in regions]


@pytest.fixture(scope="module")
def views(cluster):
    """One global table, seen from the three regions; tests use keys of their own."""
    return make_table(cluster)


def everything(table):
    items, _ = table.all_pages(table.scan)
    return {item["p"]["S"]: normal(item) for item in items}


def wait_everywhere(views, key, expected):
    for view in views:
        wait_until(
            lambda view=view: normal(view.get(key)) == normal(expected),
            lambda: f"{key} is {expected} in every region; it is {[v.get(key) for v in views]}",
        )


def wait_agreement(views, key):
    """Waits until all regions hold the same for *key*, and returns it."""
    def same():
        found = [normal(view.get(key)) for view in views]
        return found[0] is not None and all(one == found[0] for one in found[1:])

    wait_until(same, lambda: f"all regions agree on {key}: {[v.get(key) for v in views]}")
    return views[0].get(key)


# A table becomes global


def test_a_table_with_data_becomes_global(cluster):
    items = [{"p": S(f"k{n:03}"), "n": N(n), "s": NS(n, n + 1)} for n in range(300)]
    views = make_table(cluster, items=items)
    expected = {item["p"]["S"]: normal(item) for item in items}
    for view in views:
        wait_until(lambda view=view: everything(view) == expected, "all items are there")


def test_every_region_describes_the_others_as_active(cluster, views):
    for here, view in zip(REGIONS, views):
        described = view.client.describe_table(TableName=view.name)["Table"]
        assert described["TableStatus"] == "ACTIVE"
        assert described["GlobalTableVersion"] == "2019.11.21"
        statuses = replicas(view.client, view.name)
        assert set(statuses) == set(REGIONS) - {here}
        assert set(statuses.values()) == {"ACTIVE"}
        assert f":{here}:" in described["TableArn"]


def test_the_tables_schema_is_the_same_everywhere(cluster, views):
    described = [view.client.describe_table(TableName=view.name)["Table"] for view in views]
    for part in ("KeySchema", "AttributeDefinitions", "BillingModeSummary"):
        shown = [d[part] if part != "BillingModeSummary" else d[part]["BillingMode"] for d in described]
        assert shown[0] == shown[1] == shown[2]


def test_a_table_becomes_global_while_it_is_written(cluster):
    name = unique("busy-")
    home = cluster.client(HOME)
    home.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema("S"))
    wait_active(home, name)
    table = Table(home, name)
    table.fill([{"p": S(f"old{n}"), "n": N(n)} for n in range(100)])
    written, done = {}, threading.Event()

    def write():
        for n in itertools.count():
            if done.is_set():
                return
            key = f"new{n % 50}"
            table.put({"p": S(key), "n": N(n)})
            written[key] = n
            if n % 7 == 0:
                table.delete({"p": S(f"old{n % 100}")})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        add_replica(cluster, name, EUROPE)
        add_replica(cluster, name, ASIA)
    finally:
        done.set()
        writer.join()
    truth = everything(table)
    assert {key: truth[key]["n"] for key in written} == {k: N(n) for k, n in written.items()}
    for region in (EUROPE, ASIA):
        view = Table(cluster.client(region), name)
        wait_until(
            lambda view=view: everything(view) == truth, "the replica holds all"
        )


def test_a_removed_replica_is_gone(cluster):
    here, there = make_table(cluster, [HOME, EUROPE], items=[{"p": S("a")}])
    here.client.update_table(
        TableName=here.name, ReplicaUpdates=[{"Delete": {"RegionName": EUROPE}}]
    )
    wait_until(lambda: EUROPE not in replicas(here.client, here.name), "the replica is gone")
    wait_gone(there.client, there.name)
    wait_active(here.client, here.name)
    assert here.get({"p": S("a")}) == {"p": S("a")}
    here.put({"p": S("b")})


# Writes travel


@pytest.mark.parametrize("region", REGIONS)
def test_a_write_in_any_region_reaches_all(views, key, region):
    item = key | {"from": S(region), "n": N("1.5"), "set": NS(1, 2)}
    views[REGIONS.index(region)].put(item)
    wait_everywhere(views, key, item)


def test_an_update_is_carried_as_its_result(views, key):
    views[0].put(key | {"n": N(1)})
    wait_everywhere(views, key, key | {"n": N(1)})
    views[1].update(key, "ADD n :five SET a = :x", values={":five": N(5), ":x": S("x")})
    wait_everywhere(views, key, key | {"n": N(6), "a": S("x")})


def test_a_batch_reaches_all(views):
    keys = [{"p": S(unique())} for _ in range(25)]
    views[2].fill([key | {"n": N(n)} for n, key in enumerate(keys)])
    for n, key in enumerate(keys):
        wait_everywhere(views, key, key | {"n": N(n)})


def transact(table, actions, **rest):
    """Each of *actions* is the kind and what it says besides the table's name."""
    items = [{kind: {"TableName": table.name} | said} for kind, said in actions]
    return table.client.transact_write_items(TransactItems=items, **rest)


def test_a_transaction_arrives_whole(views):
    keys = [{"p": S(unique())} for _ in range(5)]
    gets = [{"Get": {"TableName": views[0].name, "Key": key}} for key in keys]
    last, seen = 40, {region: [] for region in (EUROPE, ASIA)}

    def watch(view, found):
        while not found or found[-1] != last:
            answer = view.client.transact_get_items(TransactItems=gets)["Responses"]
            numbers = {one.get("Item", {}).get("n", N(0))["N"] for one in answer}
            if len(numbers) > 1:
                found.append(f"half a transaction: {numbers}")
                return
            found.append(int(numbers.pop()))
            if time.monotonic() > deadline:
                return

    deadline = time.monotonic() + SETTLE_SECONDS
    watchers = [
        threading.Thread(target=watch, args=(views[REGIONS.index(region)], found))
        for region, found in seen.items()
    ]
    for watcher in watchers:
        watcher.start()
    for n in range(1, last + 1):
        transact(views[0], [("Put", {"Item": key | {"n": N(n)}}) for key in keys])
    for watcher in watchers:
        watcher.join()
    for region, found in seen.items():
        assert found[-1] == last, f"{region}: {found[-5:]}"
        assert found == sorted(found), f"{region} went back"


def test_a_large_transaction_reaches_all(views):
    keys = [{"p": S(unique())} for _ in range(10)]
    transact(views[1], [("Put", {"Item": key | {"a": S("x" * 390_000)}}) for key in keys])
    for key in keys:
        wait_everywhere(views, key, key | {"a": S("x" * 390_000)})


def test_a_token_takes_effect_once_also_when_the_region_is_killed(cluster, views, key):
    add = {"Key": key, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": N(1)}}
    token = unique()
    for _ in range(2):
        transact(views[2], [("Update", add)], ClientRequestToken=token)
        cluster.regions[ASIA].kill()
        cluster.regions[ASIA].start()
    transact(views[2], [("Update", add)], ClientRequestToken=token)
    wait_everywhere(views, key, key | {"n": N(1)})


def test_a_large_item_reaches_all(views, key):
    item = key | {"a": S("x" * 390_000)}
    views[0].put(item)
    wait_everywhere(views, key, item)


def test_a_regions_own_writes_are_read_at_once(views, key):
    for n in range(10):
        views[1].put(key | {"n": N(n)})
        assert views[1].get(key)["n"] == N(n)


def test_a_condition_is_judged_where_it_is_asked(views, key):
    views[0].put(key | {"n": N(1)})
    wait_everywhere(views, key, key | {"n": N(1)})
    with refused(CONDITION_FAILED):
        views[1].put(key, condition="attribute_not_exists(p)")
    views[2].update(key, "SET n = :two", condition="n = :one", values={":one": N(1), ":two": N(2)})
    wait_everywhere(views, key, key | {"n": N(2)})


def test_a_delete_travels_and_stays(views, key):
    views[0].put(key | {"a": S("x")})
    wait_everywhere(views, key, key | {"a": S("x")})
    views[1].delete(key)
    wait_everywhere(views, key, None)
    # Later traffic on the same links does not bring it back.
    marker = {"p": S(unique())}
    views[0].put(marker)
    wait_everywhere(views, marker, marker)
    assert [view.get(key) for view in views] == [None] * 3


def test_a_deleted_item_can_come_back(views, key):
    views[0].put(key | {"n": N(1)})
    wait_everywhere(views, key, key | {"n": N(1)})
    views[1].delete(key)
    wait_everywhere(views, key, None)
    views[2].put(key | {"n": N(2)})
    wait_everywhere(views, key, key | {"n": N(2)})


def test_an_item_seen_is_written_over_by_the_one_who_saw_it(views, key):
    # A chain of writes around the regions, each after the last was seen: the last stands.
    for n in range(9):
        view = views[n % 3]
        if n:
            wait_until(
                lambda: (view.get(key) or {}).get("n") == N(n - 1), "the write before is seen"
            )
        view.put(key | {"n": N(n)})
    wait_everywhere(views, key, key | {"n": N(8)})


# Conflicts: made for certain, by writing while nothing is carried


def test_the_later_of_two_concurrent_writes_wins_everywhere(cluster, views, key):
    cluster.daemon.kill()
    views[0].put(key | {"from": S(HOME)})
    let_time_pass()
    views[1].put(key | {"from": S(EUROPE)})
    assert views[0].get(key)["from"] == S(HOME)
    assert views[1].get(key)["from"] == S(EUROPE)
    cluster.daemon.start()
    wait_everywhere(views, key, key | {"from": S(EUROPE)})


def test_three_concurrent_writes_end_the_same_everywhere(cluster, views):
    keys = [{"p": S(unique())} for _ in range(20)]
    cluster.daemon.kill()
    for key in keys:
        for region, view in zip(REGIONS, views):
            view.put(key | {"from": S(region)})
    cluster.daemon.start()
    for key in keys:
        assert wait_agreement(views, key)["from"]["S"] in REGIONS


def test_a_later_delete_wins_over_a_concurrent_write(cluster, views, key):
    views[0].put(key | {"n": N(1)})
    wait_everywhere(views, key, key | {"n": N(1)})
    cluster.daemon.kill()
    views[1].put(key | {"n": N(2)})
    let_time_pass()
    views[0].delete(key)
    cluster.daemon.start()
    wait_everywhere(views, key, None)


def test_a_later_write_wins_over_a_concurrent_delete(cluster, views, key):
    views[0].put(key | {"n": N(1)})
    wait_everywhere(views, key, key | {"n": N(1)})
    cluster.daemon.kill()
    views[0].delete(key)
    let_time_pass()
    views[1].put(key | {"n": N(2)})
    cluster.daemon.start()
    wait_everywhere(views, key, key | {"n": N(2)})


def test_writers_in_all_regions_end_in_agreement(views):
    keys = [{"p": S(unique())} for _ in range(5)]

    def hammer(view, region):
        for n in range(60):
            view.put(keys[n % 5] | {"from": S(region), "n": N(n)})

    threads = [
        threading.Thread(target=hammer, args=pair) for pair in zip(views, REGIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for key in keys:
        wait_agreement(views, key)


# The daemon dies and comes back


def test_regions_serve_without_the_daemon(cluster, views, key):
    cluster.daemon.kill()
    for n, view in enumerate(views):
        mine = {"p": S(key["p"]["S"] + str(n))}
        view.put(mine)
        assert view.get(mine) == mine


def test_what_was_written_without_the_daemon_travels_later(cluster, views):
    cluster.daemon.kill()
    items = [{"p": S(unique()), "n": N(n)} for n in range(90)]
    for n, item in enumerate(items):
        views[n % 3].put(item)
    cluster.daemon.start()
    for item in items:
        wait_everywhere(views, {"p": item["p"]}, item)


def test_a_daemon_killed_again_and_again_loses_nothing(cluster, views):
    items = [{"p": S(unique()), "n": N(n)} for n in range(200)]
    for n, item in enumerate(items):
        views[n % 3].put(item)
        if n % 40 == 20:
            cluster.daemon.kill()
            cluster.daemon.start()
    for item in items:
        wait_everywhere(views, {"p": item["p"]}, item)


def test_a_daemon_stopped_politely_exits_with_zero(cluster, views, key):
    wait_until(lambda: cluster.daemon.running, "the daemon runs")
    views[0].put(key)
    wait_everywhere(views, key, key)
    assert cluster.daemon.stop() == 0


# A region dies and comes back


@pytest.mark.parametrize("region", REGIONS)
def test_a_killed_region_loses_no_acknowledged_write(cluster, views, region):
    victim = views[REGIONS.index(region)]
    acknowledged, stop = {}, threading.Event()
    prefix = unique()

    def write(number):
        for n in itertools.count():
            if stop.is_set():
                return
            key = f"{prefix}-{number}-{n % 20}"
            try:
                victim.put({"p": S(key), "n": N(n)})
            except (BotoCoreError, ClientError):
                return  # Not acknowledged: it may or may not have happened.
            acknowledged[key] = n

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    try:
        wait_until(lambda: sum(acknowledged.values()) > 400, "writes are acknowledged")
        cluster.regions[region].kill()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    cluster.regions[region].start()
    for key, n in acknowledged.items():
        found = victim.get({"p": S(key)})
        assert found is not None, f"{key} is lost"
        # The write under way when the region died may have been made without being acknowledged.
        assert int(found["n"]["N"]) >= n, f"{key} went back from {n} to {found['n']}"
    for key in acknowledged:
        wait_agreement(views, {"p": S(key)})


def test_a_region_that_was_down_catches_up(cluster, views):
    items = [{"p": S(unique()), "n": N(n)} for n in range(60)]
    doomed = {"p": S(unique())}
    views[0].put(doomed)
    wait_everywhere(views, doomed, doomed)
    cluster.regions[ASIA].kill()
    for n, item in enumerate(items):
        views[n % 2].put(item)
    views[1].delete(doomed)
    cluster.regions[ASIA].start()
    for item in items:
        wait_everywhere(views, {"p": item["p"]}, item)
    wait_everywhere(views, doomed, None)


def test_other_regions_serve_while_one_is_down(cluster, views, key):
    cluster.regions[EUROPE].kill()
    views[0].put(key | {"n": N(1)})
    wait_everywhere([views[0], views[2]], key, key | {"n": N(1)})
    cluster.regions[EUROPE].start()
    wait_everywhere(views, key, key | {"n": N(1)})


def test_all_killed_at_once_come_back_in_agreement(cluster, views):
    keys = [{"p": S(unique())} for _ in range(30)]
    for n, key in enumerate(keys):
        for region, view in zip(REGIONS, views):
            view.put(key | {"from": S(region), "n": N(n)})
    cluster.daemon.kill()
    for region in cluster.regions.values():
        region.kill()
    cluster.daemon.start()  # It may well come before the regions.
    for region in cluster.regions.values():
        region.start()
    for key in keys:
        wait_agreement(views, key)


def test_a_region_stopped_politely_exits_with_zero_and_keeps_all(cluster, views, key):
    views[1].put(key | {"n": N(1)})
    assert cluster.regions[EUROPE].stop() == 0
    cluster.regions[EUROPE].start()
    assert views[1].get(key) == key | {"n": N(1)}


def test_the_table_is_still_global_after_restarts(cluster, views):
    for region in cluster.regions.values():
        region.kill()
        region.start()
    for here, view in zip(REGIONS, views):
        wait_until(
            lambda here=here, view=view: is_active(view.client, view.name, set(REGIONS) - {here}),
            f"the replicas are ACTIVE in {here}",
        )
