"""The programs as processes: on free ports, in a temporary directory, killed and started again."""

import itertools
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import weakref
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from support import wait_until
from wire import Raw

REPOSITORY = Path(__file__).resolve().parents[2]
# Bounds that only what is broken reaches, also on a machine that is slow or stands still for a while.
START_SECONDS = 120.0
STOP_SECONDS = 60.0
ANSWER_SECONDS = 60.0
COMMAND_SECONDS = 300.0

# What a cluster of tests is told unless a test says otherwise: idle links and chores then take their
# turns in fractions of a second, and what was down is asked again soon.
QUICK_REGION = {"heartbeat.interval": "200ms"}
QUICK_DAEMON = {"link.backoffMax": "1s"}


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


class Ports:
    """Ports of the loopback for programs to listen on, theirs for as long as this object lives.

    Each is bound by a socket that does not listen. The programs set SO_REUSEADDR, as these sockets do,
    and so may listen there all the same; but no connection that goes out gets such a port, and nobody
    who looks for a free one, be it before a program is up or between its end and its next start.
    """

    def __init__(self, count):
        sockets = [socket.socket() for _ in range(count)]
        weakref.finalize(self, _close_all, sockets)
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", 0))
        self.numbers = [one.getsockname()[1] for one in sockets]


def _close_all(sockets):
    for one in sockets:
        one.close()


def fetch(url, body=None):
    """What a GET answers, or a POST of *body*; fails for a status that is none of success."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as reply:
        return reply.read()


def client_for(endpoint, region="us-east-1", **config):
    return boto3.client("dynamodb", **_session(endpoint, region, **config))


def streams_for(endpoint, region="us-east-1", **config):
    return boto3.client("dynamodbstreams", **_session(endpoint, region, **config))


def resource_for(endpoint, region="us-east-1", **config):
    return boto3.resource("dynamodb", **_session(endpoint, region, **config))


def _session(endpoint, region, **config):
    settings = {
        "retries": {"total_max_attempts": 1},
        "connect_timeout": ANSWER_SECONDS,
        "read_timeout": ANSWER_SECONDS,
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
        self.launch()
        return self.wait_up()

    def launch(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(binary(self.name)), "--config", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.environment,
            )

    def wait_up(self):
        """Waits until it answers on all its ports."""
        deadline = time.monotonic() + START_SECONDS
        while self.running and time.monotonic() < deadline:
            try:
                if self.answers():
                    return self
            except OSError:
                pass
            time.sleep(0.02)
        pytest.fail(f"{self.log.stem} did not come up:\n{self.last_words()}")

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self):
        if self.running:
            self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """SIGTERM, and the exit status; a process that does not go is killed."""
        if self.process is None:
            return None
        self.ask_to_stop()
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

    def said(self):
        """All that it has put out."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def wait_said(self, words):
        """Waits until it has put out *words*: a line of the log may come after what it tells of."""
        wait_until(lambda: words in self.said(), lambda: f"it says {words!r}:\n{self.last_words()}")

    def last_words(self, lines=40):
        return "\n".join(self.said().splitlines()[-lines:]) or "(no output)"


class Region(Program):
    """A `regiond`: the same ports and the same directory at every start.

    *settings* are further lines of its file, such as `ttl.sweepInterval: 1s`.
    """

    def __init__(self, region, directory, settings=()):
        config = Path(directory) / f"{region}.yaml"
        self._ports = Ports(2)
        api, peer = self._ports.numbers
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

    def answers(self):
        # The peer port is the last to listen.
        return Raw(self.endpoint).healthy() and bool(fetch(f"{self.peer}/status"))

    def status(self):
        """What it says of itself to operators."""
        return json.loads(fetch(f"{self.peer}/status"))

    def metrics_page(self):
        return fetch(f"{self.peer}/metrics").decode()


class Daemon(Program):
    """A `globald`."""

    def __init__(self, config, directory, control):
        super().__init__("globald", config, directory)
        self.control = control

    def answers(self):
        return bool(fetch(self.control))


class Cluster:
    """Regions and the daemon between them.

    *settings* are further lines of each region's file, *daemon_settings* of the daemon's.
    """

    def __init__(self, names, settings=(), daemon_settings=()):
        self.directory = tempfile.TemporaryDirectory(prefix="meridian-")
        folder = self.directory.name
        lines = _lines(QUICK_REGION, settings)
        self.regions = {name: Region(name, folder, lines) for name in names}
        self._ports = Ports(1)
        address = f"127.0.0.1:{self._ports.numbers[0]}"
        self.control = f"http://{address}"
        config = Path(folder) / "global.yaml"
        lines = ["regions:"]
        for name, region in self.regions.items():
            lines.append(f'  {name}: {{ api: "{region.endpoint}", peer: "{region.peer}" }}')
        lines += [f"control: {address}", "links: mesh", *_lines(QUICK_DAEMON, daemon_settings), ""]
        config.write_text("\n".join(lines))
        self.daemon = Daemon(config, folder, self.control)

    @property
    def programs(self):
        return [*self.regions.values(), self.daemon]

    def start(self):
        for program in self.programs:
            program.launch()
        for program in self.programs:
            program.wait_up()
        return self

    def stop(self):
        for program in self.programs:
            program.ask_to_stop()
        for program in self.programs:
            program.stop()
        self.directory.cleanup()

    def client(self, region):
        return self.regions[region].client

    def globalctl(self, *arguments):
        """Runs the operator's tool on this cluster: its exit code, output and complaints."""
        done = subprocess.run(
            [str(binary("globalctl")), *arguments, "--config", str(self.daemon.config)],
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        return done.returncode, done.stdout, done.stderr

    def change_link(self, verb, source, target):
        """Pauses or resumes a link of the daemon."""
        body = json.dumps({"from": source, "to": target}).encode()
        fetch(f"{self.control}/links/{verb}", body)

    @contextmanager
    def apart(self):
        """Within it no region hears of another; afterwards all is carried again."""
        ways = list(itertools.permutations(self.regions, 2))
        for way in ways:
            self.change_link("pause", *way)
        try:
            yield
        finally:
            for way in ways:
                self.change_link("resume", *way)

    @property
    def clients(self):
        return [region.client for region in self.regions.values()]


def _lines(quick, settings):
    """The lines *settings* of a file, with what of *quick* they do not set."""
    given = {line.split(":")[0] for line in settings}
    return [*(f"{key}: {value}" for key, value in quick.items() if key not in given), *settings]
