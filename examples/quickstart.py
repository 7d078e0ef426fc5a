#!/usr/bin/env python3
"""The walk that examples/quickstart.sh takes through three running regions.

Makes a global table, writes in every region, and makes one conflict on purpose. May be run again.
"""

import json
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINTS = {
    "us-east-1": "http://127.0.0.1:8001",
    "eu-west-1": "http://127.0.0.1:8002",
    "ap-northeast-1": "http://127.0.0.1:8003",
}
HOME, EUROPE, _ = ENDPOINTS
TABLE = "quickstart"
GLOBALCTL = os.environ.get("MERIDIAN_GLOBALCTL", ".build/release/globalctl")
PATIENCE_SECONDS = 60


def connect(region):
    # Any credentials do: requests have to be signed, but the signature is not checked yet.
    return boto3.resource(
        "dynamodb",
        region_name=region,
        endpoint_url=ENDPOINTS[region],
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(connect_timeout=2, read_timeout=10),
    )


regions = {region: connect(region) for region in ENDPOINTS}
tables = {region: regions[region].Table(TABLE) for region in ENDPOINTS}


def step(text):
    print(f"\n== {text}")


def wait_until(check, what):
    """Asks again and again until the answer is true, and gives it back."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := check()):
        if time.monotonic() > deadline:
            sys.exit(f"quickstart: gave up after {PATIENCE_SECONDS} s: {what}")
        time.sleep(0.002)
    return answer


def everywhere(action):
    """Does the same in all regions at once; the answers by region."""
    with ThreadPoolExecutor(len(ENDPOINTS)) as pool:
        return dict(zip(ENDPOINTS, pool.map(action, ENDPOINTS)))


def describe(region):
    try:
        return tables[region].meta.client.describe_table(TableName=TABLE)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def replicas(region):
    """The table's replicas as a region knows them, once the table serves there; else none."""
    table = describe(region)
    if not table or table["TableStatus"] != "ACTIVE":
        return {}
    return {one["RegionName"]: one["ReplicaStatus"] for one in table.get("Replicas", [])}


def read(region, key):
    return tables[region].get_item(Key={"id": key}, ConsistentRead=True).get("Item")


def globalctl(*arguments):
    result = subprocess.run([GLOBALCTL, *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"quickstart: globalctl {' '.join(arguments)}: {result.stderr.strip()}")
    return result.stdout


def link(action, source, target):
    print(f"    globalctl link {action} {source} {target}")
    globalctl("link", action, source, target)


def make_table():
    step(f"A table in {HOME}, then replicas in the other regions")
    if describe(HOME):
        print(f"    {TABLE} is there already")
    else:
        regions[HOME].create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        tables[HOME].put_item(Item={"id": "first", "note": "older than the replicas"})
        print(f"    {TABLE} made, with one item in it")
    wait_until(lambda: describe(HOME)["TableStatus"] == "ACTIVE", f"{TABLE} is ACTIVE in {HOME}")
    for region in ENDPOINTS:
        began = time.monotonic()
        if region == HOME or replicas(HOME).get(region) == "ACTIVE":
            continue
        tables[HOME].meta.client.update_table(
            TableName=TABLE, ReplicaUpdates=[{"Create": {"RegionName": region}}]
        )
        wait_until(
            lambda: replicas(HOME).get(region) == "ACTIVE" and replicas(region),
            f"the replica in {region} is ACTIVE",
        )
        print(f"    replica in {region} ACTIVE after {time.monotonic() - began:.1f} s")

    def knows_all(region):
        status = replicas(region)
        return set(status) == set(ENDPOINTS) - {region} and set(status.values()) == {"ACTIVE"}

    for region in ENDPOINTS:
        wait_until(lambda: knows_all(region), f"{region} sees the other replicas ACTIVE")
    for region in ENDPOINTS:
        tables[region].put_item(Item={"id": f"hello-{region}", "run": RUN})
    for region in ENDPOINTS:
        key = f"hello-{region}"
        everywhere(
            lambda other: wait_until(
                lambda: (read(other, key) or {}).get("run") == RUN, f"{key} reaches {other}"
            )
        )
    print(f"    all three have it ACTIVE and hear each other: {', '.join(ENDPOINTS)}")


def write_everywhere():
    step("A write in each region, seen in all")
    for region, key in zip(ENDPOINTS, ("ada", "bob", "chi")):
        item = {"id": key, "from": region, "at": time.strftime("%H:%M:%S"), "run": RUN}
        tables[region].put_item(Item=item)
        acknowledged = time.monotonic()

        def arrival(other):
            wait_until(lambda: read(other, key) == item, f"{key} reaches {other}")
            return (time.monotonic() - acknowledged) * 1000

        times = everywhere(arrival)
        others = ", ".join(
            f"in {other} after {times[other]:.0f} ms" for other in ENDPOINTS if other != region
        )
        print(f"    {key} written in {region}; seen {others}")


def make_conflict():
    step(f"A conflict: {HOME} and {EUROPE} lose sight of each other, and both write one item")
    key = f"meeting-{RUN}"
    cut = ((HOME, EUROPE), (EUROPE, HOME))
    try:
        for ends in cut:
            link("pause", *ends)
        for region, place in ((HOME, "Boston"), (EUROPE, "Lisbon")):
            tables[region].put_item(Item={"id": key, "place": place})
            print(f"    {region} writes {key}: {place}")
        print("    now they differ:")
        for region in (HOME, EUROPE):
            print(f"        {region:15} {read(region, key)['place']}")
    finally:
        for ends in cut:
            link("resume", *ends)

    def records():
        listed = globalctl("conflicts", "list", TABLE, "--output", "json", "--limit", "1000")
        answer = json.loads(listed)
        found = {
            region["region"]: conflict
            for region in answer["regions"]
            for conflict in region.get("conflicts", [])
            if conflict["key"] == {"id": {"S": key}}
        }
        return found if set(found) == set(ENDPOINTS) else None

    logged = wait_until(records, "the conflict is on record in all regions")
    places = everywhere(lambda region: read(region, key)["place"])
    print("    the later write wins, in all regions alike:")
    for region, place in places.items():
        print(f"        {region:15} {place}")
    if len(set(places.values())) != 1:
        sys.exit("quickstart: the regions differ")
    print(f"    and both versions are on record (here in {HOME}):")
    for role in ("winner", "loser"):
        version = logged[HOME][role]
        stamp = version["stamp"]
        place = version["item"]["place"]["S"]
        print(f"        {role:7} {place:8} {stamp['time']} {stamp['origin']}")


def compare():
    step("The same items everywhere")
    everything = everywhere(
        lambda region: sorted(
            (item["id"], json.dumps(item, sort_keys=True, default=str))
            for page in regions[region].meta.client.get_paginator("scan").paginate(
                TableName=TABLE, ConsistentRead=True
            )
            for item in page["Items"]
        )
    )
    for region, items in everything.items():
        print(f"    {region:15} {len(items)} items")
    if len({tuple(items) for items in everything.values()}) == 1:
        print("    all the same")
        return
    print("    not at one moment: somebody writes, or something is on its way. This waits for it:")
    print(f"    globalctl verify {TABLE}")
    print(textwrap.indent(globalctl("verify", TABLE).strip(), "    "))


RUN = time.strftime("%Y%m%d-%H%M%S")
make_table()
write_everywhere()
make_conflict()
compare()
