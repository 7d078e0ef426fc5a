"""A region is evacuated under load, lost, and nothing that it acknowledged is missing; and it comes
back."""

import itertools
import json
import shutil
import threading
import time
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from clusters import globalctl, run_globalctl, share, wait_held
from processes import Cluster, fetch
from support import N, S, schema, unique, wait_active, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE, ASIA = REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
WRITERS = 4
# Acknowledged writes between two steps of a test under load.
STEP = 100


@pytest.fixture
def cluster():
    cluster = Cluster(
        REGIONS,
        ["relay.after: 600ms", "ttl.sweepInterval: 1s"],
    )
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture
def tables(cluster):
    return share(cluster, "evacuate")


class Writers:
    """Applications that write to one region, and to the next one when it will not take a write."""

    def __init__(self, tables):
        self.tables = tables
        self.acknowledged = {region: [] for region in REGIONS}
        self.refusals = []
        # Which writers a region has refused.
        self.refused = {region: set() for region in REGIONS}
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self.run, args=(number,), daemon=True)
            for number in range(WRITERS)
        ]

    def run(self, writer):
        places = itertools.cycle(REGIONS)
        place = next(places)
        for number in itertools.count():
            item = {"p": S(f"w{writer}-{number}"), "n": N(number)}
            while not self.stopping.is_set():
                try:
                    self.tables[place].put(item)
                    self.acknowledged[place].append(item)
                    break
                except ClientError as error:
                    self.refusals.append((place, error))
                    self.refused[place].add(writer)
                    place = next(places)
                except BotoCoreError:
                    # It does not answer: whether it took the write is not known.
                    place = next(places)
            if self.stopping.is_set():
                return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def wait_turned_away(self, region):
        """Each has had the answer to its last write there, and goes elsewhere."""
        wait_until(
            lambda: len(self.refused[region]) == WRITERS, f"{region} has refused every writer"
        )

    def wait_more(self, region, count=STEP):
        before = len(self.acknowledged[region])
        wait_until(
            lambda: len(self.acknowledged[region]) >= before + count,
            f"{region} took {count} more writes",
        )


def fence_of(cluster, region):
    report = json.loads(fetch(f"{cluster.regions[region].peer}/fence"))
    return next((one for one in report["fences"] if one["region"] == region), None)


def order(cluster, region, path):
    return json.loads(fetch(cluster.regions[region].peer + path, b"{}"))


def evacuate_in_vain(cluster, is_so, what):
    """Evacuates the first region, which does not become safe, until the report is as expected: what it
    says of the others in the first moments may be less. A later try goes on with the same fence."""
    def tried():
        done = run_globalctl(cluster, "evacuate", HOME, "--timeout", "2s")
        assert done.returncode == 1, done.stdout + done.stderr
        report = json.loads(done.stdout)
        assert report["safe"] is False
        return is_so(report) and (report, done.stderr)

    return wait_until(tried, what)


def lacking(report, table=None):
    """The regions that lack something, or something of *table*."""
    return [
        one["region"] for one in report["lacks"] if table is None or one["table"] == table.name
    ]


def keys(table):
    pages = table.client.get_paginator("scan").paginate(
        TableName=table.name, ConsistentRead=True
    )
    return {item["p"]["S"] for page in pages for item in page["Items"]}


def refused(table, item=None):
    """Whether a write is refused as a fenced region refuses it."""
    try:
        table.put(item or {"p": S("refused"), "n": N(0)})
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == "ServiceUnavailable", said
        assert "is being evacuated" in said["Message"]
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        return True
    return False


def lose(cluster, region):
    """The region is gone with its disk."""
    cluster.regions[region].kill()
    shutil.rmtree(Path(cluster.directory.name) / "data" / region)


def test_a_region_evacuated_under_load_and_lost_takes_nothing_with_it(cluster, tables):
    name = tables[HOME].name
    with Writers(tables) as writers:
        writers.wait_more(HOME)
        done = globalctl(cluster, "evacuate", HOME)
        assert done["safe"] is True and done["outcome"] == "safe"
        writers.wait_turned_away(HOME)
        taken = list(writers.acknowledged[HOME])
        lose(cluster, HOME)
        writers.wait_more(EUROPE)
    # No write was acknowledged behind the fence.
    assert len(writers.acknowledged[HOME]) == len(taken)
    assert {place for place, _ in writers.refusals} == {HOME}
    for _, error in writers.refusals:
        assert error.response["Error"]["Code"] == "ServiceUnavailable"
    proven = {(one["table"], one["region"]) for one in done["proof"]}
    assert {(name, EUROPE), (name, ASIA)} <= proven
    for one in done["proof"]:
        origin = next(key for key in one["required"] if key.startswith(HOME))
        assert one["held"][origin] >= one["required"][origin]
    assert done["fencedMilliseconds"] >= 0
    assert done["fence"]["lastWrite"] < done["fence"]["time"]
    acknowledged = {item["p"]["S"] for items in writers.acknowledged.values() for item in items}
    for region in (EUROPE, ASIA):
        wait_until(
            lambda region=region: acknowledged <= keys(tables[region]),
            f"{region} has all that was acknowledged",
        )


def test_an_evacuated_region_returns_once_it_has_caught_up(cluster, tables):
    globalctl(cluster, "evacuate", HOME)
    items = [{"p": S(f"k{number}"), "n": N(number)} for number in range(50)]
    for item in items:
        tables[EUROPE].put(item)
    # While it cannot catch up it stays fenced.
    globalctl(cluster, "link", "pause", EUROPE, HOME)
    late = {"p": S("late"), "n": N(1)}
    tables[EUROPE].put(late)
    said = globalctl(cluster, "return", HOME, "--timeout", "1s", status=1)
    assert "has not caught up" in said and "--abort" in said
    assert refused(tables[HOME])
    globalctl(cluster, "link", "resume", EUROPE, HOME)
    back = globalctl(cluster, "return", HOME)
    assert back["writable"] is True and int(back["fencedMilliseconds"]) > 0
    assert tables[HOME].get({"p": S("late")}) == late
    mine = {"p": S("mine"), "n": N(1)}
    tables[HOME].put(mine)
    wait_held(tables[EUROPE], mine)
    assert fence_of(cluster, HOME) is None
    # A region that takes writes has nothing to return from.
    assert globalctl(cluster, "return", HOME)["fencedMilliseconds"] is None


def test_an_evacuation_is_taken_back(cluster, tables):
    globalctl(cluster, "link", "pause", HOME, EUROPE)
    tables[HOME].put({"p": S("k"), "n": N(1)})
    report, said = evacuate_in_vain(
        cluster, lambda report: lacking(report, tables[HOME]) == [EUROPE], "Europe alone lacks it"
    )
    assert report["outcome"] == "late"
    assert "fence stands" in said
    assert refused(tables[HOME])
    lifted = globalctl(cluster, "evacuate", HOME, "--abort")
    assert lifted["lifted"] is True and int(lifted["fencedMilliseconds"]) > 0
    assert not refused(tables[HOME])
    assert globalctl(cluster, "evacuate", HOME, "--abort")["lifted"] is False
    globalctl(cluster, "link", "resume", HOME, EUROPE)


def test_a_second_evacuation_goes_on_with_the_fence_of_the_first(cluster, tables):
    globalctl(cluster, "link", "pause", HOME, EUROPE)
    tables[HOME].put({"p": S("k"), "n": N(1)})
    first, _ = evacuate_in_vain(
        cluster, lambda report: lacking(report, tables[HOME]), "something is lacking"
    )
    globalctl(cluster, "link", "resume", HOME, EUROPE)
    second = globalctl(cluster, "evacuate", HOME)
    assert second["fence"]["time"] == first["fence"]["time"]
    assert int(second["fencedMilliseconds"]) > int(first["fencedMilliseconds"])
    wait_held(tables[EUROPE], {"p": S("k"), "n": N(1)})


def test_a_peer_that_is_down_is_named_and_can_be_left_out(cluster, tables):
    tables[HOME].put({"p": S("k"), "n": N(1)})
    cluster.regions[ASIA].kill()
    report, _ = evacuate_in_vain(
        cluster, lambda report: lacking(report) == [ASIA], "Asia alone lacks something"
    )
    assert "does not answer" in report["lacks"][0]["what"]
    without = globalctl(cluster, "evacuate", HOME, "--without", ASIA)
    assert without["safe"] is True and without["without"] == [ASIA]
    assert {one["region"] for one in without["proof"]} == {EUROPE}
    lose(cluster, HOME)
    # What it missed comes from the other one.
    cluster.regions[ASIA].start()
    wait_held(tables[ASIA], {"p": S("k"), "n": N(1)})


def test_a_table_that_is_nowhere_else_keeps_the_region(cluster, tables):
    home = cluster.client(HOME)
    name = unique("alone")
    home.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema())
    wait_active(home, name)
    nowhere = f"table {name} is nowhere else"
    evacuate_in_vain(cluster, lambda report: nowhere in str(report), "the table is named")
    given = globalctl(cluster, "evacuate", HOME, "--without-table", name)
    assert given["safe"] is True and given["withoutTables"] == [name]


def test_a_fenced_region_stays_fenced_when_it_is_killed(cluster, tables):
    tables[HOME].put({"p": S("k"), "n": N(1)})
    globalctl(cluster, "evacuate", HOME)
    fence = fence_of(cluster, HOME)
    cluster.regions[HOME].kill()
    # The others know the fence, so the region is still proven to be drained.
    proven = globalctl(cluster, "evacuate", HOME)
    assert proven["safe"] is True and proven["fence"] == fence
    cluster.regions[HOME].start()
    assert refused(tables[HOME])
    assert fence_of(cluster, HOME) == fence
    assert tables[HOME].get({"p": S("k")}) == {"p": S("k"), "n": N(1)}
    assert globalctl(cluster, "evacuate", HOME)["fence"] == fence


def test_a_region_that_nobody_knows_to_be_fenced_is_not_safe(cluster, tables):
    cluster.regions[HOME].kill()
    done = run_globalctl(cluster, "evacuate", HOME, "--timeout", "2s")
    assert done.returncode == 1
    assert json.loads(done.stdout)["outcome"] == "unfenced"
    assert "is not fenced" in done.stderr


def ttl_attribute(cluster, region, name):
    described = cluster.client(region).describe_time_to_live(TableName=name)
    return described["TimeToLiveDescription"].get("AttributeName")


def test_nothing_expires_in_a_fenced_region(cluster, tables):
    """Each region sweeps what it wrote itself; what others wrote it leaves to them for some minutes."""
    name = tables[HOME].name
    mine = {"p": S("mine"), "x": N(int(time.time()))}
    tables[HOME].put(mine)
    globalctl(cluster, "evacuate", HOME)
    cluster.client(EUROPE).update_time_to_live(
        TableName=name, TimeToLiveSpecification={"AttributeName": "x", "Enabled": True}
    )
    for region in (HOME, EUROPE):
        wait_until(
            lambda region=region: ttl_attribute(cluster, region, name) == "x",
            f"items expire in {region}",
        )
    # What Europe writes expires, here as well. Its sweeps are as far apart as those here, so in three
    # of them there are some here.
    for number in range(3):
        theirs = {"p": S(f"theirs{number}")}
        last = {"p": S(f"last{number}")}
        tables[EUROPE].put(theirs | {"x": N(int(time.time()))})
        tables[EUROPE].put(last)
        wait_held(tables[HOME], last)
        wait_until(
            lambda theirs=theirs: tables[HOME].get(theirs) is None, "what Europe wrote has expired"
        )
    assert tables[HOME].get({"p": S("mine")}) == mine
    globalctl(cluster, "return", HOME)
    wait_until(
        lambda: tables[EUROPE].get({"p": S("mine")}) is None,
        "what was written here expires once writes are taken again",
    )


def test_a_fenced_region_takes_no_changes_of_tables_and_says_so(cluster, tables):
    name = tables[HOME].name
    home = cluster.client(HOME)
    globalctl(cluster, "evacuate", HOME)
    item = {"p": S("k"), "n": N(1)}
    for request in (
        lambda: home.update_table(
            TableName=name, ReplicaUpdates=[{"Delete": {"RegionName": ASIA}}]
        ),
        lambda: home.delete_table(TableName=name),
        lambda: home.create_table(
            TableName=unique("new"), BillingMode="PAY_PER_REQUEST", **schema()
        ),
        lambda: home.execute_statement(
            Statement=f"INSERT INTO \"{name}\" VALUE {{'p': 'q', 'n': 1}}"
        ),
        lambda: home.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}}]}),
        lambda: home.transact_write_items(
            TransactItems=[{"Put": {"TableName": name, "Item": item}}]
        ),
    ):
        with pytest.raises(ClientError) as caught:
            request()
        assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert keys(tables[HOME]) == set()
    # An operator sees it, and so does a monitoring system; a second order changes nothing.
    fence = fence_of(cluster, HOME)
    assert order(cluster, HOME, "/fence")["fence"] == fence
    regions = {one["region"]: one for one in globalctl(cluster, "status")["regions"]}
    for region in REGIONS:
        assert [one["region"] for one in regions[region]["fences"]] == [HOME]
        page = cluster.regions[region].metrics_page()
        fenced = 1 if region == HOME else 0
        assert f'meridian_fenced{{region="{region}"}} {fenced}\n' in page


def test_others_leave_and_are_removed_while_a_region_is_fenced(cluster, tables):
    name = tables[HOME].name
    globalctl(cluster, "evacuate", HOME)
    items = [{"p": S(f"k{number}"), "n": N(number)} for number in range(20)]
    for item in items:
        tables[ASIA].put(item)
    # The tool turns to a region that takes changes of tables; the fenced one answers for itself.
    globalctl(cluster, "replica", "remove", name, ASIA)
    wait_held(tables[HOME], *items)
    wait_held(tables[EUROPE], *items)
    globalctl(cluster, "replica", "add", name, ASIA)
    cluster.regions[ASIA].kill()
    globalctl(cluster, "replica", "remove", name, ASIA, "--force")
    assert globalctl(cluster, "evacuate", HOME, "--without", ASIA)["safe"] is True
