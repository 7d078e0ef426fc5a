"""Global secondary indexes of global tables: made in one region, kept in all."""

import pytest

from processes import Cluster
from support import unique, wait_active, wait_until

pytestmark = pytest.mark.processes

HOME, EUROPE = "us-east-1", "eu-west-1"
ITEMS = 2_000


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster([HOME, EUROPE])
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def index_of(client, name):
    described = client.describe_table(TableName=name)["Table"]
    return (described.get("GlobalSecondaryIndexes") or [None])[0]


def is_active(client, name):
    index = index_of(client, name)
    return index is not None and index["IndexStatus"] == "ACTIVE"


def in_index(client, name, color):
    pages = client.get_paginator("query").paginate(
        TableName=name,
        IndexName="by-color",
        KeyConditionExpression="color = :c",
        ExpressionAttributeValues={":c": {"S": color}},
    )
    return sorted(item["id"]["S"] for page in pages for item in page["Items"])


def add_index(client, name):
    client.update_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "color", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-color",
                    "KeySchema": [{"AttributeName": "color", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            }
        ],
    )


def make(cluster, items):
    """A table in both regions, with items of two colors in it."""
    name = unique("colors-")
    home, there = cluster.client(HOME), cluster.client(EUROPE)
    home.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    wait_active(home, name)
    for start in range(0, items, 25):
        puts = [
            {"PutRequest": {"Item": {"id": {"S": f"{n:05}"}, "color": {"S": "red"}}}}
            for n in range(start, min(start + 25, items))
        ]
        assert not home.batch_write_item(RequestItems={name: puts})["UnprocessedItems"]
    home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": EUROPE}}])

    def is_in_both():
        replicas = home.describe_table(TableName=name)["Table"].get("Replicas", [])
        return [one["ReplicaStatus"] for one in replicas] == ["ACTIVE"]

    wait_until(is_in_both, "the table is in both regions")
    return name, home, there


def test_an_index_made_in_one_region_is_filled_and_kept_in_all(cluster):
    name, home, there = make(cluster, ITEMS)
    add_index(there, name)
    for client in (home, there):
        wait_until(lambda client=client: is_active(client, name), "the index is everywhere")
        assert len(in_index(client, name, "red")) == ITEMS
    home.put_item(TableName=name, Item={"id": {"S": "a"}, "color": {"S": "blue"}})
    there.update_item(
        TableName=name,
        Key={"id": {"S": "00000"}},
        UpdateExpression="SET color = :c",
        ExpressionAttributeValues={":c": {"S": "blue"}},
    )
    there.delete_item(TableName=name, Key={"id": {"S": "00001"}})
    for client in (home, there):
        wait_until(
            lambda client=client: in_index(client, name, "blue") == ["00000", "a"]
            and len(in_index(client, name, "red")) == ITEMS - 2,
            "the index follows the writes of both regions",
        )


def test_an_index_removed_in_one_region_goes_everywhere(cluster):
    name, home, there = make(cluster, 10)
    add_index(home, name)
    wait_until(lambda: is_active(there, name), "the index is there")
    there.update_table(
        TableName=name,
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-color"}}],
    )
    for client in (home, there):
        wait_until(lambda client=client: index_of(client, name) is None, "the index is gone")


def test_a_kill_amid_the_filling_of_an_index_leaves_nothing_out(cluster):
    name, home, there = make(cluster, ITEMS)
    add_index(home, name)
    cluster.regions[HOME].kill()
    cluster.regions[HOME].start()
    home = cluster.client(HOME)
    for client in (home, there):
        wait_until(lambda client=client: is_active(client, name), "the index is everywhere")
        assert len(in_index(client, name, "red")) == ITEMS
