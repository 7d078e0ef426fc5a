"""What tests of several regions do: share a table, and ask with the operator's tool."""

import json
import subprocess

from processes import COMMAND_SECONDS, binary
from support import global_table, wait_until


def share(cluster, purpose):
    """A new table with a replica in every region, as a `Table` for each of them."""
    clients = {region: cluster.client(region) for region in cluster.regions}
    return dict(zip(cluster.regions, global_table(clients, purpose)))


def run_globalctl(cluster, *arguments):
    """The tool's end: status, output and complaints."""
    return subprocess.run(
        [binary("globalctl"), "--config", cluster.daemon.config, "--output", "json", *arguments],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )


def globalctl(cluster, *arguments, status=0):
    """What the tool answers, as JSON; or its complaint, where it must end with another *status*."""
    done = run_globalctl(cluster, *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout) if status == 0 else done.stderr


def link(cluster, source, target):
    """How the daemon's link between two regions is."""
    links = globalctl(cluster, "status")["links"]
    return next(link for link in links if (link["from"], link["to"]) == (source, target))


def wait_held(table, *items):
    """Waits until a region shows all of these items."""
    region = table.client.meta.region_name
    wait_until(
        lambda: all(table.get({"p": item["p"]}) == item for item in items),
        f"{region} has the items",
    )
