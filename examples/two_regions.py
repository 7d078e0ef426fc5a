#!/usr/bin/env python3
"""Two regions, one table: watch writes travel, and two writers meet.

Start the cluster with `examples/quickstart.sh`, then:

    pip install boto3
    python3 examples/two_regions.py

The script makes a table of its own and drops it at the end. It speaks to Meridian exactly as it would
to DynamoDB; only the endpoints differ.
"""

import threading
import time

import boto3
from botocore.exceptions import ClientError

ENDPOINTS = {
    "us-east-1": "http://127.0.0.1:8001",
    "eu-west-1": "http://127.0.0.1:8002",
}
AMERICA, EUROPE = ENDPOINTS
TABLE = f"two-regions-{int(time.time())}"


def connect(region):
    # Any credentials do: requests have to be signed, but the signature is not checked yet.
    return boto3.resource(
        "dynamodb",
        region_name=region,
        endpoint_url=ENDPOINTS[region],
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def wait_until(check, what, seconds=30):
    """Asks again and again until the answer is true; gives up after *seconds*."""
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        if time.monotonic() > deadline:
            raise SystemExit(f"gave up after {seconds} s: {what}")
        time.sleep(0.01)
    return answer


def status(region):
    """The table's status in a region, with the status of each replica; None where it is not."""
    try:
        table = regions[region].meta.client.describe_table(TableName=TABLE)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    replicas = {one["RegionName"]: one["ReplicaStatus"] for one in table.get("Replicas", [])}
    return table["TableStatus"], replicas


def read(region, key):
    return regions[region].Table(TABLE).get_item(Key=key, ConsistentRead=True).get("Item")


def show(key):
    for region in ENDPOINTS:
        print(f"    {region:10} {read(region, key)}")


def in_agreement(key):
    return read(AMERICA, key) == read(EUROPE, key)


regions = {region: connect(region) for region in ENDPOINTS}

# 1. A table, in one region at first, and with an item in it.
print(f"Creating {TABLE} in {AMERICA}")
regions[AMERICA].create_table(
    TableName=TABLE,
    KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "user", "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)
wait_until(lambda: (status(AMERICA) or [""])[0] == "ACTIVE", "the table is ACTIVE")
america = regions[AMERICA].Table(TABLE)
america.put_item(Item={"user": "ada", "city": "Boston"})

# 2. A second region. What the table holds goes there too, while writes go on.
print(f"Adding a replica in {EUROPE}")
america.meta.client.update_table(
    TableName=TABLE, ReplicaUpdates=[{"Create": {"RegionName": EUROPE}}]
)
for here, there in ((AMERICA, EUROPE), (EUROPE, AMERICA)):
    wait_until(
        lambda: (now := status(here)) and now[0] == "ACTIVE" and now[1].get(there) == "ACTIVE",
        f"{here} sees an ACTIVE replica in {there}; is globald running?",
    )
europe = regions[EUROPE].Table(TABLE)
print("  the item that was there before is in both:")
show({"user": "ada"})

# 3. Both regions take writes. Each write is carried to the other within moments.
print("Writing in both regions")
america.put_item(Item={"user": "grace", "city": "New York"})
europe.put_item(Item={"user": "edsger", "city": "Rotterdam"})
began = time.monotonic()
wait_until(lambda: read(EUROPE, {"user": "grace"}), "grace reaches Europe")
wait_until(lambda: read(AMERICA, {"user": "edsger"}), "edsger reaches America")
print(f"  both arrived after {1000 * (time.monotonic() - began):.0f} ms:")
show({"user": "grace"})
show({"user": "edsger"})

# 4. A conflict: both write the same item at the same moment, neither having seen the other. Each
#    region answers its own writer at once. The later write wins, in both regions alike. If neither
#    had seen the other, the one that lost is kept as long as the table is: `globalctl conflicts list`.
print("Writing the same item in both regions at once")
key = {"user": "ada"}
start = threading.Barrier(2)


def move(table, city):
    start.wait()
    table.put_item(Item=key | {"city": city})


writers = [
    threading.Thread(target=move, args=(america, "Chicago")),
    threading.Thread(target=move, args=(europe, "Lisbon")),
]
for writer in writers:
    writer.start()
for writer in writers:
    writer.join()
print("  right after:")
show(key)


def settled():
    """Both regions agree, and neither shows what was there before."""
    return in_agreement(key) and read(AMERICA, key)["city"] != "Boston"


wait_until(settled, "both regions agree")
# One more item behind the others shows that everything before it has arrived.
europe.put_item(Item={"user": "marker"})
america.put_item(Item={"user": "marker2"})
wait_until(lambda: read(AMERICA, {"user": "marker"}), "the marker reaches America")
wait_until(lambda: read(EUROPE, {"user": "marker2"}), "the marker reaches Europe")
assert in_agreement(key), "the regions differ"
print("  and when all has been carried, both agree:")
show(key)

# 5. Deletes travel like any other write.
europe.delete_item(Key=key)
wait_until(lambda: read(AMERICA, key) is None, "the delete reaches America")
print(f"Deleted ada in {EUROPE}: gone in {AMERICA} too")

# Leave nothing behind: first the replica, then the table.
america.meta.client.update_table(
    TableName=TABLE, ReplicaUpdates=[{"Delete": {"RegionName": EUROPE}}]
)
wait_until(
    lambda: status(AMERICA)[0] == "ACTIVE" and EUROPE not in status(AMERICA)[1],
    "the replica is removed",
)
america.delete()
print("Done")
