"""What a lagging or dead peer costs: disk, and neither memory nor the writes of others."""

import itertools
import threading
from pathlib import Path

import pytest

from clusters import share, wait_held
from processes import Cluster
from support import N, S, global_table, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.heavy]

HOME, AWAY = REGIONS = ["us-east-1", "eu-west-1"]
# Many batches, since each has at most two thousand changes (`Feed.changesMax`).
BACKLOG = 20_000
WRITERS = 6
# Who writes waits for one batch at a time, so there are about as many turns as batches.
TURNS_MIN = 3
# A machine that stands still may take its turns from a writer once; who is starved has none each time.
TRIES = 3

ITEM_BYTES = 300_000
ITEMS = 600
WARM_UP_ITEMS = 450
# A region keeps recent writes in memory until they are in its file, by tens of megabytes. What is
# written while the peer is dead is several times that.
GROWTH_MAX_BYTES = ITEM_BYTES * ITEMS // 2


# Items of two kilobytes, read from the log as often as they are looked at: of 1,500 each once, with what else
# a look reads, 10 MB, and with every few that come all of them, 760.
UNCARRIED_PUTS = 1_500
UNCARRIED_READ_MAX_BYTES = 64 << 20


@pytest.fixture
def cluster():
    cluster = Cluster(REGIONS)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


class Writer(threading.Thread):
    """Puts items one after another until it is told to stop."""

    def __init__(self, table, name):
        super().__init__()
        self.table = table
        self.name = name
        self.acknowledged = 0
        self.is_stopped = threading.Event()

    def run(self):
        for number in itertools.count():
            if self.is_stopped.is_set():
                return
            self.table.put({"p": S(f"{self.name}-{number}"), "n": N(number)})
            self.acknowledged += 1


def test_neither_local_writes_nor_a_link_starves_the_other(cluster):
    """Writers do not pause until the link has brought all that was behind, so it is not starved; and
    each of them gets on meanwhile, so they are not either."""
    counts = []
    for _ in range(TRIES):
        counts.append(turns_beside_a_link(cluster))
        if min(counts[-1]) >= TURNS_MIN:
            return
    pytest.fail(f"writers had {counts} turns")


def turns_beside_a_link(cluster):
    """How many writes each writer made while a link brought a backlog to their region."""
    tables = share(cluster, "fair")
    cluster.change_link("pause", HOME, AWAY)
    tables[HOME].fill([{"p": S(f"b{number}"), "n": N(number)} for number in range(BACKLOG)])
    writers = [Writer(tables[AWAY], f"w{number}") for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        wait_until(lambda: all(writer.acknowledged > 5 for writer in writers), "writers write")
        before = [writer.acknowledged for writer in writers]
        cluster.change_link("resume", HOME, AWAY)
        last = {"p": S(f"b{BACKLOG - 1}")}
        wait_until(
            lambda: tables[AWAY].get(last), "the link has brought all"
        )
        counts = [writer.acknowledged - start for writer, start in zip(writers, before)]
    finally:
        for writer in writers:
            writer.is_stopped.set()
        for writer in writers:
            writer.join()
    return counts


def resident_bytes(program):
    """What a process holds in memory that is not a file's."""
    with open(f"/proc/{program.process.pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) << 10
    raise AssertionError("no RssAnon")


def test_a_dead_peer_costs_no_memory(cluster):
    tables = share(cluster, "dead")
    home = cluster.regions[HOME]
    cluster.regions[AWAY].kill()

    # The same few keys: what grows is the history alone.
    def write(numbers):
        for number in numbers:
            key = {"p": S(f"k{number % 10}")}
            tables[HOME].put(key | {"n": N(number), "pad": S("x" * ITEM_BYTES)})

    # What is newer than the region's file is in memory, up to a bound, which has to be reached first.
    write(range(WARM_UP_ITEMS))
    before = resident_bytes(home)
    write(range(WARM_UP_ITEMS, WARM_UP_ITEMS + ITEMS))
    grown = resident_bytes(home) - before
    assert grown < GROWTH_MAX_BYTES, f"{grown >> 20} MiB more"
    cluster.regions[AWAY].start()
    wait_until(
        lambda: (tables[AWAY].get({"p": S("k9")}) or {}).get("n") == N(WARM_UP_ITEMS + ITEMS - 1),
        "the peer has caught up",
    )
    assert resident_bytes(cluster.daemon) < GROWTH_MAX_BYTES


def bytes_read(region):
    """How much the process has read so far, from memory of the kernel's too."""
    lines = Path(f"/proc/{region.process.pid}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def test_a_link_looks_once_through_what_it_does_not_carry():
    """The third region has no replica of the table: its link has nothing to bring, and no heartbeat ends
    its wait meanwhile."""
    cluster = Cluster([*REGIONS, "ap-northeast-1"], ["heartbeat.interval: 60s"])
    try:
        home = cluster.start().regions[HOME]
        clients = {region: cluster.client(region) for region in REGIONS}
        table, away = global_table(clients, "two")
        before = bytes_read(home)
        for number in range(UNCARRIED_PUTS):
            table.put({"p": S(f"k{number}"), "text": S("x" * 2_000)})
        wait_held(away, {"p": S(f"k{UNCARRIED_PUTS - 1}"), "text": S("x" * 2_000)})
        assert bytes_read(home) - before < UNCARRIED_READ_MAX_BYTES
    finally:
        cluster.stop()
