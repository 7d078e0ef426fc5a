"""PostgreSQL of the distribution with the same items, and pgbench as its load.

Durable (`synchronous_commit=on`), with as much shared memory as a region may have, over its own
protocol with prepared statements and as many clients as Meridian has connections. Those come by a
Unix socket, as pgbench does unless it is told otherwise, or by TCP, as Meridian's do.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .meridian import sustained
from .processes import processor_microseconds

LOOPBACK = "127.0.0.1"
SETTINGS = {
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "wal_level": "logical",
    "max_connections": "200",
}
WAIT_SECONDS = 300
WIDE_ROWS = 100
NARROW_ROWS = 10

TABLE = """
create table {table} (
    pk text, sk text, version bigint, note text, name text, amount numeric, active boolean,
    visits bigint, last_seen text, "check" text, primary key (pk, sk));
"""
# About as long as the note of an item of 500 bytes, and another one for each version.
NOTE = "repeat(md5({version}::text), 10)"
FILL = (
    "insert into {table} select 'user-' || lpad((n / {rows})::text, 8, '0'), 'item-' || "
    "lpad((n % {rows})::text, {digits}, '0'), n, " + NOTE.format(version="n") + ", "
    "'Name of ' || n, n % 100000 + 0.25, n % 2 = 0, 0, 'never', md5(n::text) "
    "from generate_series(0, {size} - 1) n;"
)
PICK = "\\set n random(0, {size} - 1)\n\\set v random(1, 1000000000)\n"
KEY = "'user-' || lpad(((:n) / 10)::text, 8, '0')", "'item-' || ((:n) % 10)::text"
UPSERT = (
    f"insert into bench values ({KEY[0]}, {KEY[1]}, :v, {NOTE.format(version=':v')}, "
    "'Name of ' || :n, :v % 100000 + 0.25, :v % 2 = 0, 0, 'never', md5(:v::text)) "
    "on conflict (pk, sk) do update set version = excluded.version, note = excluded.note, "
    "name = excluded.name, amount = excluded.amount, active = excluded.active, visits = 0, "
    'last_seen = excluded.last_seen, "check" = excluded."check";\n'
)
WHERE = f"where pk = {KEY[0]} and sk = {KEY[1]}"
SCRIPTS = {
    "put": PICK + UPSERT,
    "get": PICK + f"select * from bench {WHERE};\n",
    "update": PICK
    + f"update bench set visits = visits + 1, last_seen = 'seen-' || :v {WHERE} and visits >= 0 "
    "returning visits, last_seen;\n",
    "query": PICK + f"select * from bench where pk = {KEY[0]} order by sk;\n",
    "query100": PICK
    + "select * from wide where pk = 'user-' || lpad(((:n) / 100)::text, 8, '0') order by sk;\n",
    "transact": PICK + "begin;\n" + 4 * UPSERT + "end;\n",
}


def _free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


class Postgres:
    name = "postgres"

    def __init__(self, work, over="unix"):
        # Root must not run it, and the account that may has to reach the folder.
        self._folder = tempfile.TemporaryDirectory(prefix="meridian-postgres.")
        self._work = Path(self._folder.name)
        self._user = "postgres" if os.geteuid() == 0 else None
        self._bin = self._find()
        self._over = over
        self._servers = []

    def _find(self):
        """The newest installed server's folder; it is installed where that is allowed."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found or not shutil.which("pgbench"):
            if os.geteuid() != 0 or not shutil.which("apt-get"):
                raise SystemExit("bench: install postgresql and postgresql-contrib, or run as root")
            subprocess.run(
                ["apt-get", "install", "-y", "--no-install-recommends", "postgresql"],
                check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )
            found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        return found[-1].parent

    def _run(self, program, *arguments, **settings):
        command = [str(self._bin / program), *map(str, arguments)]
        if self._user:
            command = ["runuser", "-u", self._user, "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._work, **settings)
        if done.returncode != 0:
            raise SystemExit(f"bench: {program} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def start(self, with_replica=False):
        if self._user:
            shutil.chown(self._work, self._user)
        for name in ["home", "away"] if with_replica else ["home"]:
            data = self._work / name
            folder = self._work / f"{name}.socket"
            folder.mkdir()
            if self._user:
                shutil.chown(folder, self._user)
            self._run("initdb", "-D", data, "-U", "bench", "--auth", "trust", "-E", "UTF8")
            port = _free_port()
            settings = SETTINGS | {
                "unix_socket_directories": f"'{folder}'",
                "listen_addresses": f"'{LOOPBACK if self._over == 'tcp' else ''}'",
                "port": port,
            }
            options = " ".join(f"-c {name}={value}" for name, value in settings.items())
            log = self._work / f"{name}.log"
            self._run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
            self._servers.append((data, LOOPBACK if self._over == "tcp" else folder, port))

    def stop(self):
        for data, _, _ in reversed(self._servers):
            self._run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        self._servers = []
        self._folder.cleanup()

    def _sql(self, text, server=0):
        _, host, port = self._servers[server]
        return self._run(
            "psql", "-h", host, "-p", port, "-U", "bench", "-d", "postgres", "-X", "-q",
            "-At", "-v", "ON_ERROR_STOP=1", "-c", text,
        ).strip()

    def setup(self, workloads, size, options):
        """Rows made in the server: how long that takes compares with nothing."""
        self._sql(TABLE.format(table="bench"))
        self._sql(FILL.format(table="bench", rows=NARROW_ROWS, digits=1, size=size))
        if "query100" in workloads:
            self._sql(TABLE.format(table="wide"))
            self._sql(FILL.format(table="wide", rows=WIDE_ROWS, digits=2, size=size))
        self._sql("vacuum analyze")
        self._sql("checkpoint")

    def _pids(self, server=0):
        """The server and what it has started."""
        data, _, _ = self._servers[server]
        first = int((data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def run(self, workload, size, options):
        if workload not in SCRIPTS:
            return None
        log = f"--log-prefix={self._work / 'latencies'}"
        rate = self._load(workload, size, options, f"-T{options.seconds}", "-l", log)
        return {"perSecond": rate, **self._latencies()}

    def _load(self, workload, size, options, *more):
        """Transactions/s, without the connecting, as pgbench has them."""
        script = self._work / f"{workload}.sql"
        script.write_text(SCRIPTS[workload].format(size=size))
        _, host, port = self._servers[0]
        text = self._run(
            "pgbench", "-h", host, "-p", port, "-U", "bench", "-n", "-M", "prepared",
            "-c", options.connections, "-j", "1", "-f", script, *more, "postgres",
        )
        return float(re.search(r"tps = ([0-9.]+)", text).group(1))

    def _latencies(self):
        """Of each transaction, in the third column of the log."""
        times = []
        for path in self._work.glob("latencies.*"):
            with open(path) as lines:
                times += [int(line.split()[2]) for line in lines]
            path.unlink()
        times.sort()

        def at(share):
            return times[min(len(times) - 1, int(share * len(times)))] / 1_000

        return {f"p{100 * q:g}Milliseconds": at(q) for q in (0.5, 0.9, 0.99, 0.999)}

    # Logical replication

    def replicate(self):
        _, host, port = self._servers[0]
        self._sql(TABLE.format(table="bench"), server=1)
        self._sql("create publication changes for table bench")
        self._sql(
            f"create subscription changes connection 'host={host} port={port} user=bench "
            "dbname=postgres' publication changes",
            server=1,
        )
        self._wait("select count(*) from pg_subscription_rel where srsubstate <> 'r'", "0")

    def _wait(self, query, wanted):
        deadline = time.monotonic() + WAIT_SECONDS
        while self._sql(query, server=1) != wanted:
            if time.monotonic() > deadline:
                raise SystemExit(f"bench: the subscription does not get there: {query}")
            time.sleep(0.02)

    def _write(self, options):
        """Puts rows; the mark that follows them, how many they are, and how long they took."""
        each = options.changes // options.connections
        rate = self._load("put", options.keys, options, f"-t{each}")
        mark = f"mark-{time.time_ns()}"
        self._sql(f"insert into bench (pk, sk, last_seen) values ('{mark}', '0', '{mark}')")
        return mark, each * options.connections, each * options.connections / rate

    def _carried(self, mark, changes, start, before):
        """What it took since then until the mark is at the other server."""
        self._wait(f"select count(*) from bench where pk = '{mark}'", "1")
        seconds = time.monotonic() - start
        used = processor_microseconds(self._pids(1)) - before
        return {
            "perSecond": changes / seconds,
            "seconds": seconds,
            "changes": changes,
            "processorMicroseconds": max(0.0, used) / changes,
        }

    def catch_up(self, options):
        """From the moment that the subscription goes on until its last row is there."""
        self._sql("alter subscription changes disable", server=1)
        mark, changes, _ = self._write(options)
        before = processor_microseconds(self._pids(1))
        start = time.monotonic()
        self._sql("alter subscription changes enable", server=1)
        return self._carried(mark, changes, start, before)

    def sustain(self, options):
        """With the subscription at work: rows/s from the first write until the last is there."""
        before = processor_microseconds(self._pids(1))
        mark, changes, writing = self._write(options)
        carried = self._carried(mark, changes, time.monotonic(), before)
        return sustained(changes, writing, carried)
