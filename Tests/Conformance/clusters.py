"""What tests of several regions do: share a table, and ask with the operator's tool."""

import json
import subprocess

from processes import binary
from support import Table, schema, table_status, unique, wait_active, wait_until

CONVERGE_SECONDS = 60.0
COMMAND_SECONDS = 90


def share(cluster, purpose):
    """A new table with a replica in every region, as a `Table` for each of them."""
    first, *others = cluster.regions
    name = unique(purpose)
    home = cluster.client(first)
    home.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema())
    wait_active(home, name)
    for region in others:
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
        wait_until(
            lambda region=region: all(
                table_status(cluster.client(one), name) == "ACTIVE" for one in (first, region)
            ),
            f"{name} is ACTIVE in {region} and at home",
            CONVERGE_SECONDS,
        )
    return {region: Table(cluster.client(region), name) for region in cluster.regions}


def run_globalctl(cluster, *arguments, seconds=COMMAND_SECONDS):
    """The tool's end: status, output and complaints."""
    return subprocess.run(
        [binary("globalctl"), "--config", cluster.daemon.config, "--output", "json", *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
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
        CONVERGE_SECONDS,
    )
