"""A disk that is full, and one that fails to sync: nothing is acknowledged that may not be there."""

import os
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from preloads import compiled
from processes import COMMAND_SECONDS, Region, binary
from support import N, S, SETTLE_SECONDS, schema, unique, wait_active, wait_until

pytestmark = pytest.mark.processes

# What regiond ends with when its disk fails.
DISK_FAILED = 74
WRITERS = 4


@pytest.fixture(scope="module")
def shim():
    """The library that makes calls of the disk fail, compiled for this run."""
    with compiled("failing_disk.c") as library:
        yield library


@pytest.fixture
def region(shim):
    with tempfile.TemporaryDirectory(prefix="meridian-") as folder:
        region = Region("us-east-1", folder)
        region.orders = Path(folder)
        region.environment = {"LD_PRELOAD": str(shim), "MERIDIAN_TEST_DISK": folder}
        try:
            region.start()
            yield region
        finally:
            region.stop()


class Writer(threading.Thread):
    """Puts items one after another until the region is gone, and keeps those that were acknowledged."""

    def __init__(self, region, table, name):
        super().__init__()
        self.region = region
        self.table = table
        self.name = name
        self.acknowledged = []
        self.is_stopped = False

    def run(self):
        count = 0
        while not self.is_stopped:
            count += 1
            item = {"p": S(f"{self.name}-{count}"), "n": N(count), "pad": S("x" * 2_000)}
            try:
                self.region.client.put_item(TableName=self.table, Item=item)
            except (BotoCoreError, ClientError):
                if not self.region.running:
                    return
                continue
            self.acknowledged.append(item["p"])


@pytest.mark.parametrize("order", ["full", "unsynced"])
def test_a_failing_disk_ends_the_region_and_loses_nothing(region, order):
    table = unique("disk")
    region.client.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **schema())
    wait_active(region.client, table)
    writers = [Writer(region, table, f"w{number}") for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    wait_until(
        lambda: all(len(writer.acknowledged) > 20 for writer in writers), "writes are taken"
    )
    try:
        (region.orders / order).touch()
        assert region.process.wait(SETTLE_SECONDS) == DISK_FAILED, region.last_words()
    finally:
        for writer in writers:
            writer.is_stopped = True
        for writer in writers:
            writer.join()

    # The disk is well again.
    (region.orders / order).unlink()
    region.start()
    for writer in writers:
        for key in writer.acknowledged:
            found = region.client.get_item(
                TableName=table, Key={"p": key}, ConsistentRead=True
            )
            assert "Item" in found, f"{key} was acknowledged"
    region.client.put_item(TableName=table, Item={"p": S("after")})


@pytest.mark.parametrize("order", ["full", "unsynced"])
def test_a_region_does_not_start_on_a_failing_disk(region, order):
    region.stop()
    (region.orders / order).touch()
    process = subprocess.run(
        [str(binary("regiond")), "--config", str(region.config)],
        env=os.environ | region.environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    assert process.returncode not in (0, -6, -11), process.stderr
    (region.orders / order).unlink()
    region.start()
