"""Three regions under load while processes are killed by the hundred, and while the network between
them fails one way or both: every acknowledged write is in every region in the end."""

import itertools
import random
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from clusters import run_globalctl, share
from processes import Cluster
from proxies import WAYS, WHOLE, Proxy
from support import N, S, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.heavy]

REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
KILLS = 200
CUTS = 40
CONTESTED = 10
ACCOUNTS = ["applied", "stale", "conflicts", "quarantined"]


class Writer(threading.Thread):
    """Writes items of its own, and some that all writers write, and keeps what was acknowledged.

    A refused connection is no answer: the item may be there or not, and is not counted.
    """

    def __init__(self, table, seed):
        super().__init__()
        self.table = table
        self.acknowledged = {}
        self.deleted = set()
        self.is_stopped = threading.Event()
        self._random = random.Random(seed)
        self._name = f"{table.client.meta.region_name}-{seed}"

    def run(self):
        for number in itertools.count():
            if self.is_stopped.is_set():
                return
            try:
                self._write(number)
            except (BotoCoreError, ClientError):
                self.is_stopped.wait(0.02)

    def _write(self, number):
        key = f"{self._name}-{number}"
        self.table.put({"p": S(key), "n": N(number)})
        self.acknowledged[key] = number
        if number % 7 == 3:
            self.table.put({"p": S(f"all-{self._random.randrange(CONTESTED)}"), "by": S(key)})
        if number % 11 == 5:
            # Counted as gone only if that is acknowledged; until then it may be either.
            del self.acknowledged[key]
            self.table.delete({"p": S(key)})
            self.deleted.add(key)


@pytest.fixture
def cluster():
    cluster = Cluster(REGIONS)
    try:
        yield cluster
    finally:
        cluster.stop()


def under_load(cluster, body):
    """Runs *body* while all regions are written, and then checks every acknowledged write."""
    tables = share(cluster, "faults")
    writers = [
        Writer(table, seed) for table in tables.values() for seed in range(2)
    ]
    for writer in writers:
        writer.start()
    try:
        body()
    finally:
        for writer in writers:
            writer.is_stopped.set()
        for writer in writers:
            writer.join()
    check(cluster, tables, writers)


def check(cluster, tables, writers):
    name = tables[REGIONS[0]].name
    for region in cluster.regions.values():
        assert region.running, region.last_words()

    def all_alike():
        """Compared by the operator's tool; what is on its way is waited for."""
        return run_globalctl(cluster, "verify", name, "--wait", "5").returncode == 0

    wait_until(all_alike, "all regions show the same")
    acknowledged = {key: n for writer in writers for key, n in writer.acknowledged.items()}
    deleted = set().union(*(writer.deleted for writer in writers))
    assert len(acknowledged) > 200
    for table in tables.values():
        items, _ = table.all_pages(table.scan)
        found = {item["p"]["S"]: item for item in items}
        lost = [key for key in acknowledged if key not in found]
        assert not lost, f"{len(lost)} of {len(acknowledged)} are lost, {lost[:5]}"
        changed = [key for key, n in acknowledged.items() if found[key]["n"] != N(n)]
        assert not changed, f"{len(changed)} are not what was written, {changed[:5]}"
        back = deleted & found.keys()
        assert not back, f"{len(back)} deleted items are there, {sorted(back)[:5]}"
    for region in cluster.regions.values():
        for peer in region.status()["peers"]:
            account = peer["accounting"]
            assert account["fetched"] == sum(account[part] for part in ACCOUNTS), peer
            assert account["quarantined"] == 0, peer


def test_processes_killed_by_the_hundred_lose_nothing(cluster):
    chance = random.Random(1)
    cluster.start()

    def kill():
        for _ in range(KILLS):
            victim = chance.choice(cluster.programs)
            time.sleep(chance.uniform(0, 0.2))
            victim.kill()
            victim.launch()
            # The daemon may be killed again while it starts; a region has to be written meanwhile.
            if victim is not cluster.daemon:
                victim.wait_up()

    under_load(cluster, kill)


def test_links_that_are_cut_one_way_or_both_lose_nothing(cluster):
    chance = random.Random(2)
    proxies = {name: Proxy(region.peer) for name, region in cluster.regions.items()}
    config = cluster.daemon.config.read_text()
    for name, region in cluster.regions.items():
        config = config.replace(region.peer, proxies[name].url)
    cluster.daemon.config.write_text(config)
    cluster.start()

    def cut():
        for _ in range(CUTS):
            chance.choice([*proxies.values()]).change(chance.choice(WAYS))
            time.sleep(chance.uniform(0.1, 0.8))
        for proxy in proxies.values():
            proxy.change(WHOLE)

    try:
        under_load(cluster, cut)
    finally:
        cluster.daemon.stop()
        for proxy in proxies.values():
            proxy.close()
