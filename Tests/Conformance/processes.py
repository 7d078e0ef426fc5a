"""The programs as processes: on free ports, in a temporary directory, killed and started again."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from wire import Raw

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 20.0


def binary(name):
    """The path of a built program; MERIDIAN_BIN names the directory to take it from."""
    chosen = os.environ.get("MERIDIAN_BIN")
    folders = [Path(chosen)] if chosen else [
        REPOSITORY / ".build" / "debug",
        REPOSITORY / ".build" / "release",
    ]
    for folder in folders:
        path = (folder if folder.is_absolute() else REPOSITORY / folder) / name
        if path.is_file() and os.access(path, os.X_OK):
            return path
    looked = ", ".join(str(folder) for folder in folders)
    pytest.exit(f"{name} is not built (looked in {looked}); run `swift build`", returncode=2)


def free_ports(count):
    """Ports nobody listens on; all are held at once, so that no two are the same."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def client_for(endpoint, region="us-east-1", **config):
    return boto3.client("dynamodb", **_session(endpoint, region, **config))


def streams_for(endpoint, region="us-east-1", **config):
    return boto3.client("dynamodbstreams", **_session(endpoint, region, **config))


def resource_for(endpoint, region="us-east-1", **config):
    return boto3.resource("dynamodb", **_session(endpoint, region, **config))


def _session(endpoint, region, **config):
    settings = {
        "retries": {"total_max_attempts": 1},
        "connect_timeout": 5,
        "read_timeout": 60,
        "max_pool_connections": 32,
        "inject_host_prefix": False,
    }
    return {
        "endpoint_url": endpoint,
        "region_name": region,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "config": Config(**(settings | config)),
    }


class Program:
    """One process; its output goes to a file that a failure quotes."""

    def __init__(self, name, config, directory):
        self.name = name
        self.config = config
        self.log = Path(directory) / f"{Path(config).stem}.log"
        self.process = None
        # Further variables of its environment, from the next start on.
        self.environment = {}

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(binary(self.name)), "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.environment,
            )
        return self

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM, and the exit status; a process that does not go is killed."""
        if not self.running:
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def kill(self):
        """SIGKILL: nothing is flushed, nothing is said."""
        if self.running:
            self.process.kill()
            self.process.wait()

    def last_words(self, lines=40):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no output)"


class Region(Program):
    """A `regiond`: the same ports and the same directory at every start.

    *settings* are further lines of its file, such as `ttl.sweepInterval: 1s`.
    """

    def __init__(self, region, directory, api, peer, settings=()):
        config = Path(directory) / f"{region}.yaml"
        config.write_text(
            f"region: {region}\n"
            f"api: 127.0.0.1:{api}\n"
            f"peer: 127.0.0.1:{peer}\n"
            f"data: {Path(directory) / 'data' / region}\n"
            + "".join(f"{line}\n" for line in settings)
        )
        super().__init__("regiond", config, directory)
        self.region = region
        self.endpoint = f"http://127.0.0.1:{api}"
        self.peer = f"http://127.0.0.1:{peer}"
        self.client = client_for(self.endpoint, region)
        self.streams = streams_for(self.endpoint, region)

    def start(self):
        super().start()
        raw = Raw(self.endpoint)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.running:
                break
            try:
                if raw.healthy():
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        pytest.fail(f"regiond {self.region} did not come up:\n{self.last_words()}")


class Cluster:
    """Regions and the daemon between them.

    *settings* are further lines of each region's file, *daemon_settings* of the daemon's.
    """

    def __init__(self, names, settings=(), daemon_settings=()):
        self.directory = tempfile.TemporaryDirectory(prefix="meridian-")
        ports = free_ports(2 * len(names) + 1)
        folder = self.directory.name
        self.regions = {
            name: Region(name, folder, ports[2 * index], ports[2 * index + 1], settings)
            for index, name in enumerate(names)
        }
        config = Path(folder) / "global.yaml"
        lines = ["regions:"]
        for name, region in self.regions.items():
            lines.append(f'  {name}: {{ api: "{region.endpoint}", peer: "{region.peer}" }}')
        lines += [f"control: 127.0.0.1:{ports[-1]}", "links: mesh", *daemon_settings, ""]
        config.write_text("\n".join(lines))
        self.control = f"http://127.0.0.1:{ports[-1]}"
        self.daemon = Program("globald", config, folder)

    def start(self):
        for region in self.regions.values():
            region.start()
        self.daemon.start()
        return self

    def stop(self):
        self.daemon.stop()
        for region in self.regions.values():
            region.stop()
        self.directory.cleanup()

    def client(self, region):
        return self.regions[region].client

    def globalctl(self, *arguments):
        """Runs the operator's tool on this cluster: its exit code, output and complaints."""
        done = subprocess.run(
            [str(binary("globalctl")), *arguments, "--config", str(self.daemon.config)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    def change_link(self, verb, source, target):
        """Pauses or resumes a link of the daemon."""
        body = json.dumps({"from": source, "to": target}).encode()
        request = urllib.request.Request(f"{self.control}/links/{verb}", body, method="POST")
        with urllib.request.urlopen(request, timeout=10) as reply:
            assert reply.status == 200

    @property
    def clients(self):
        return [region.client for region in self.regions.values()]
