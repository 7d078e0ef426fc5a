"""Regions and a daemon of our own, and the load that comes with them."""

import json
import re
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from .processes import processor_microseconds, resident_megabytes, stop
from .report import MERIDIAN

START_SECONDS = 60
HOME, AWAY = "us-east-1", "eu-west-1"
# Queries of a hundred items have a table of their own.
WIDE = ["--table", "wide", "--per-partition", "100"]
SEGMENTS = "8"
WARMUP_SECONDS = 1


def sustained(changes, writing, carried):
    """Changes/s over the writing and what was left to carry after it."""
    behind = carried["seconds"]
    return {
        **carried,
        "perSecond": changes / (writing + behind),
        "behindMilliseconds": behind * 1_000,
    }


class Deployment:
    """One region, or two and the daemon once a table is shared."""

    name = MERIDIAN

    def __init__(self, programs, work):
        self._programs = programs
        self._folder = tempfile.TemporaryDirectory(prefix="meridian.", dir=work)
        self._work = Path(self._folder.name)
        self._processes = {}

    def __enter__(self):
        try:
            self._start_region(HOME)
        except BaseException:
            # In sessions of their own, nobody else ends them.
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes.values()):
            stop(process)
        self._folder.cleanup()

    # Processes

    def _launch(self, name, program, pattern):
        """Starts a program with the file NAME.yaml, and waits for a line of its log."""
        log = self._work / f"{name}.log"
        with open(log, "wb") as output:
            self._processes[name] = subprocess.Popen(
                [self._programs / program, "--config", self._work / f"{name}.yaml"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # As PostgreSQL's does and services do: the kernel gives processors to sessions first.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while pattern not in log.read_text(errors="replace"):
            if self._processes[name].poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"bench: {name} does not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _address(self, name, listener):
        """What a program chose for one of its listeners, from its log."""
        text = (self._work / f"{name}.log").read_text(errors="replace")
        return re.search(rf"[ {{,]{listener}=([0-9.]+:[0-9]+)", text).group(1)

    def _start_region(self, region):
        (self._work / f"{region}.yaml").write_text(
            f"region: {region}\napi: 127.0.0.1:0\npeer: 127.0.0.1:0\n"
            f"data: {self._work / region}\nlog.level: notice\n"
        )
        self._launch(region, "regiond", "region is up")

    def _start_daemon(self, regions):
        lines = ["regions:"]
        for region in regions:
            api, peer = (self._address(region, listener) for listener in ("api", "peer"))
            lines.append(f'  {region}: {{ api: "http://{api}", peer: "http://{peer}" }}')
        text = "\n".join(lines)
        (self._work / "global.yaml").write_text(f"{text}\ncontrol: 127.0.0.1:0\n")
        self._launch("global", "globald", "globald runs")
        # The tool needs the address that the daemon chose.
        control = self._address("global", "control")
        (self._work / "tool.yaml").write_text(f"{text}\ncontrol: {control}\n")

    def _url(self, region):
        return f"http://{self._address(region, 'api')}"

    def resident(self):
        return {
            name: resident_megabytes(process.pid) for name, process in self._processes.items()
        }

    # The load

    def _bench(self, *arguments):
        """What the load measured, one object for each line of its output."""
        done = subprocess.run(
            [self._programs / "bench", *arguments, "--output", "json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if not lines:
            raise SystemExit(f"bench: {shlex.join(map(str, arguments))} failed")
        return lines

    def _measured(self, *arguments, warmup=0):
        """The same, with what the servers took of the processors for each answer."""
        pids = [process.pid for process in self._processes.values()]
        before = processor_microseconds(pids)
        (got,) = self._bench(*arguments)
        count = got.get("items") or got["count"]
        # The time before measuring is in what the servers used, and not in the count.
        share = got["seconds"] / (got["seconds"] + warmup)
        used = (processor_microseconds(pids) - before) * share
        return {**got, "processorMicroseconds": used / max(1, count)}

    def setup(self, workloads, size, options):
        items = ["--keys", str(size), "--url", self._url(HOME)]
        items += ["--connections", str(options.connections)]
        if "query100" in workloads:
            self._bench("setup", *items, *WIDE)
        return self._measured("setup", *items)

    def run(self, workload, size, options):
        arguments = ["--keys", str(size), "--url", self._url(HOME)]
        arguments += ["--seconds", str(options.seconds)]
        if workload == "scan":
            return self._measured("scan", *arguments, "--segments", SEGMENTS)
        arguments += ["--connections", str(options.connections), "--warmup", str(WARMUP_SECONDS)]
        if workload == "query100":
            return self._measured("query", *arguments, *WIDE, warmup=WARMUP_SECONDS)
        return self._measured(workload, *arguments, warmup=WARMUP_SECONDS)

    # Several regions

    def share(self, options, others=(AWAY,)):
        for region in others:
            self._start_region(region)
        self._start_daemon([HOME, *others])
        self._items = ["--keys", str(options.keys), "--table", "global"]
        setup = [*self._items, "--url", self._url(HOME), "--connections", str(options.connections)]
        # Filled first and copied then, so that the others have it all when this returns.
        self._bench("setup", *setup)
        for region in others:
            subprocess.run(
                [
                    self._programs / "bench", "setup", *self._items, "--url", self._url(HOME),
                    "--replica", region, "--empty",
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )

    def _between(self):
        return ["--from", self._url(HOME), "--to", self._url(AWAY)]

    def lag(self, rate, options):
        lines = self._bench(
            "lag", *self._items, *self._between(), "--rate", str(rate),
            "--seconds", str(options.seconds),
        )
        return next(line for line in lines if line["name"] == "lag")

    def _tool(self, *arguments):
        return [self._programs / "globalctl", *arguments, "--config", self._work / "tool.yaml"]

    def _carry(self, options, *more):
        """Writes, and what it took until the last was visible, with the processor of the target."""
        target = self._processes[AWAY].pid
        before = processor_microseconds([target])
        written, *_, carried = self._bench(
            "catchup", *self._items, *self._between(), "--changes", str(options.changes),
            "--connections", str(options.connections), *more,
        )
        used = processor_microseconds([target]) - before
        return written, {**carried, "processorMicroseconds": used / carried["changes"]}

    def catch_up(self, options):
        def link(verb):
            return shlex.join(map(str, self._tool("link", verb, HOME, AWAY))) + " >&2"

        _, carried = self._carry(options, "--before", link("pause"), "--resume", link("resume"))
        return carried

    def sustain(self, options):
        """The same with the link at work: changes/s from the first write until the last is visible."""
        written, carried = self._carry(options)
        return sustained(options.changes, written["seconds"], carried)
