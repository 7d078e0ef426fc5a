"""Many regions, each with a link to each other, and what a change costs there."""

import itertools
import json
import subprocess
import time

from .meridian import HOME, Deployment
from .processes import processor_microseconds

IDLE_SECONDS = 5
CONNECTIONS = "4"
AGREE_SECONDS = 120


class Mesh(Deployment):
    """A table that all regions hold and write."""

    def grow(self, count, options):
        self._others = [f"us-mesh-{number}" for number in range(2, count + 1)]
        self.share(options, self._others)
        self._agree()

    def run(self, options):
        """Writes in each region at a fixed rate, until all regions hold the same.

        What the idle mesh and the comparing take of the processors is not counted.
        """
        pids = [process.pid for process in self._processes.values()]
        idle = processor_microseconds(pids)
        time.sleep(IDLE_SECONDS)
        idle = (processor_microseconds(pids) - idle) / IDLE_SECONDS
        before = processor_microseconds(pids)
        start = time.monotonic()
        done = self._write(options)
        written = time.monotonic()
        looks = self._agree()
        end = time.monotonic()
        used = processor_microseconds(pids) - before - idle * (end - start)
        # What one look takes that finds them alike, without what they would take anyway.
        before = processor_microseconds(pids)
        again = time.monotonic()
        self._agree()
        look = processor_microseconds(pids) - before - idle * (time.monotonic() - again)
        used -= looks * max(0, look)
        changes = sum(one["count"] for one in done)
        return {
            "perSecond": changes / (end - start),
            "wrong": sum(one.get("wrong", 0) for one in done),
            "behindMilliseconds": (end - written) * 1_000,
            "idleShare": idle / 1_000_000,
            "processorMicroseconds": used / changes,
            "perLinkMicroseconds": used / changes / len(self._others),
        }

    def _write(self, options):
        regions = [HOME, *self._others]
        loads = [
            subprocess.Popen(
                [
                    self._programs / "bench", "put", *self._items, "--url", self._url(region),
                    "--connections", CONNECTIONS, "--seconds", str(options.seconds),
                    "--warmup", "0", "--seed", str(seed), "--output", "json",
                    "--rate", str(options.mesh_rate / len(regions)),
                ],
                stdout=subprocess.PIPE,
                text=True,
            )
            for seed, region in enumerate(regions)
        ]
        outputs = [load.communicate()[0] for load in loads]
        if not all(outputs):
            raise SystemExit("bench: a load failed")
        return [json.loads(output) for output in outputs]

    def _agree(self):
        """Waits until all regions hold the same items, stamps and vectors; how often it looked."""
        deadline = time.monotonic() + AGREE_SECONDS
        command = self._tool("verify", "global", "--rate", "0", "--skip-derived")
        for looks in itertools.count(1):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode == 0:
                return looks
            if time.monotonic() > deadline:
                raise SystemExit(f"bench: the regions do not agree:\n{done.stdout}{done.stderr}")
            time.sleep(0.1)
