"""Rehearsals on real processes: every kind of fault, what it measures, and that it leaves nothing."""

import json
import os
import shlex
import signal
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from clusters import run_globalctl
from processes import Cluster, binary, fetch
from support import wait_until

pytestmark = pytest.mark.processes

US, EU, AP = "us-east-1", "eu-west-1", "ap-northeast-1"

# What drills.start runs: the region's process, as whatever watches over it would start it again. It
# notes the process's number, so that the test can end it.
STARTER = """
import os, subprocess, sys
folder, program, name = sys.argv[1:]
with open(os.path.join(folder, name + ".log"), "ab") as log:
    started = subprocess.Popen(
        [program, "--config", os.path.join(folder, name + ".yaml")],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        close_fds=False,  # as a shell does
    )
with open(os.path.join(folder, "started"), "a") as file:
    file.write(f"{started.pid}\\n")
"""


class Drills:
    """A cluster whose settings allow drills, and its tool."""

    def __init__(self):
        self.cluster = Cluster([US, EU, AP], settings=["drills.allow: true"])
        folder = Path(self.cluster.directory.name)
        self.started = folder / "started"
        starter = folder / "starter.py"
        starter.write_text(STARTER)
        command = shlex.join([sys.executable, str(starter), str(folder), str(binary("regiond"))])
        with open(self.cluster.daemon.config, "a") as config:
            config.write(f"drills:\n  allow: true\n  start: {command}\n")
        self.folder = str(folder)

    def stop(self):
        for line in self.started.read_text().split() if self.started.exists() else []:
            try:
                command = Path(f"/proc/{line}/cmdline").read_bytes().decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # A number may since have become another process's.
            if self.folder in command:
                os.kill(int(line), signal.SIGKILL)
        # Those that drills ended were children of this test.
        self.cluster.stop()

    def run(self, kind, region, *arguments, status=0):
        """The report of a drill, which must end with *status*."""
        done = run_globalctl(
            self.cluster,
            *("drill", kind, region, "--rate", "40", "--calm", "1s", "--answer", "10s"),
            *arguments,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout) if done.stdout else done.stderr


@pytest.fixture(scope="module")
def drills():
    drills = Drills()
    try:
        drills.cluster.start()
        yield drills
    finally:
        drills.stop()


def promises(report):
    return {one["promise"]: one["held"] for one in report["promises"]}


def check(report):
    assert report["held"], report
    assert set(promises(report).values()) == {True}
    assert report["convergenceMilliseconds"] is not None
    assert all(one["total"]["acknowledged"] > 0 for one in report["regions"])


def tables(drills):
    return {
        name for client in drills.cluster.clients for name in client.list_tables()["TableNames"]
    }


def test_an_isolated_region_goes_on_writing_and_heals(drills):
    report = drills.run("isolate", EU, "--for", "3s")
    check(report)
    assert report["unshippedWrites"] > 0
    assert report["recoveryPointMilliseconds"] > 1000
    assert report["conflicts"] > 0, "two sides wrote the shared items"
    during = {one["region"]: one["during"] for one in report["regions"]}
    assert during[EU]["acknowledged"] > 0 and during[EU]["refused"] == 0


@pytest.mark.parametrize("way, unshipped", [("in", False), ("out", True)])
def test_a_cut_may_be_one_way(drills, way, unshipped):
    report = drills.run("isolate", EU, "--way", way, "--for", "2s")
    check(report)
    # Inwards nothing keeps its writes from the others: what is left is what was just under way.
    (written,) = [
        one["during"]["acknowledged"] for one in report["regions"] if one["region"] == EU
    ]
    assert (report["unshippedWrites"] > written / 2) == unshipped
    if unshipped:
        assert report["recoveryPointMilliseconds"] > 1000


def test_links_that_are_slow_and_lose_requests_lose_no_write(drills):
    report = drills.run("lag", US, "--delay", "100ms", "--loss", "10", "--for", "3s")
    check(report)


def test_a_region_that_stands_still_is_gone_around(drills):
    report = drills.run("pause", US, "--for", "6s", "--answer", "3s", "--calm", "3s")
    check(report)
    during = {one["region"]: one["during"] for one in report["regions"]}
    assert during[US]["longestGapMilliseconds"] > 1000
    assert report["recoveryTimeMilliseconds"] is not None
    assert report["failbackMilliseconds"] is not None


def test_a_killed_region_loses_nothing(drills):
    report = drills.run("kill", EU, "--for", "1s")
    check(report)
    assert report["recoveryTimeMilliseconds"] is not None


def test_a_clock_that_is_off_harms_nobody(drills):
    check(drills.run("clock", AP, "--by=20s", "--for", "2s"))
    check(drills.run("clock", AP, "--by=-20s", "--for", "2s"))


def test_an_evacuated_region_leaves_nothing_behind_and_returns(drills):
    report = drills.run("evacuate", US, "--for", "2s")
    check(report)
    assert promises(report)["nothing is left behind"]
    assert report["unshippedWrites"] == 0
    during = {one["region"]: one["during"] for one in report["regions"]}
    assert during[US]["refused"] > 0 and during[US]["unanswered"] == 0
    assert report["recoveryTimeMilliseconds"] is not None
    assert set(report["figures"]) == {"safe after", "without writes"}
    done = run_globalctl(drills.cluster, "status")
    assert '"fence":{' not in done.stdout


def test_a_lost_region_comes_back_empty_and_is_filled(drills):
    report = drills.run("lose", AP, "--for", "3s")
    check(report)
    aside = Path(report["figures"]["directory kept aside as"])
    assert aside.is_dir()


def test_drills_leave_no_table_and_no_fault(drills):
    wait_until(
        lambda: not any(name.startswith("drill-") for name in tables(drills)),
        "no table of a drill is left",
    )
    done = run_globalctl(drills.cluster, "status")
    assert '"cutIn":true' not in done.stdout and '"cutOut":true' not in done.stdout


def test_a_fault_of_an_interrupted_drill_ends(drills):
    """The tool is killed in the middle: the pause ends by itself."""
    command = [binary("globalctl"), "--config", drills.cluster.daemon.config]
    tool = subprocess.Popen(
        [*command, "drill", "pause", US, "--for", "2s"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in tool.stderr:
        if "stands still" in line and "for 2s" not in line:
            break
    else:
        pytest.fail("the drill ended before its fault")
    tool.kill()
    tool.wait()
    tool.stderr.close()
    wait_until(
        lambda: drills.cluster.client(US).list_tables() is not None, f"{US} answers again"
    )


def test_drills_need_leave():
    cluster = Cluster([US, EU])
    try:
        cluster.start()
        done = run_globalctl(cluster, "drill", "isolate", US, "--for", "1s")
        assert done.returncode == 1
        assert "drills.allow" in done.stderr
        for path in ("cut", "pause", "kill", "lose", "clock", "heal"):
            region = cluster.regions[US]
            reply = post(f"{region.peer}/drill/{path}", b"{}")
            assert reply == 403, path
        assert region.running
        body = b'{"from": "us-east-1", "to": "eu-west-1", "cut": true}'
        assert post(f"{cluster.control}/links/faults", body) == 403
    finally:
        cluster.stop()


@pytest.mark.parametrize(
    "arguments",
    [
        ("isolate", US, "--for", "1h"),
        ("isolate", US, "--way", "up"),
        ("lag", US, "--loss", "101"),
        ("lag", US, "--delay", "2m"),
        ("kill", US, "--rate", "0"),
        ("burn", US),
    ],
)
def test_bad_usage_is_said(drills, arguments):
    done = run_globalctl(drills.cluster, "drill", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr


def test_an_unknown_region_is_said(drills):
    done = run_globalctl(drills.cluster, "drill", "isolate", "sa-east-1", "--for", "1s")
    assert done.returncode == 1 and "sa-east-1" in done.stderr


def post(url, body):
    try:
        fetch(url, body)
        return 200
    except urllib.error.HTTPError as error:
        return error.code
