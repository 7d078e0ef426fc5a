"""Time to live: its settings, what expires, and what a stream tells of it."""

import time
from decimal import Decimal

import pytest

from processes import Cluster
from support import (
    INVALID,
    NOT_FOUND,
    N,
    S,
    VALIDATION,
    constraint,
    invalid,
    refused,
    schema,
    unique,
    wait_active,
    wait_until,
)


def set_ttl(client, name, attribute="x", enabled=True):
    return client.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"AttributeName": attribute, "Enabled": enabled},
    )


def described(client, name):
    return client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]


class TestSettings:
    def test_a_table_without_it_says_so(self, table_s):
        assert described(table_s.client, table_s.name) == {"TimeToLiveStatus": "DISABLED"}

    def test_it_is_enabled_and_disabled(self, tables):
        table = tables.create("S")
        wanted = {"AttributeName": "expires", "Enabled": True}
        answer = table.client.update_time_to_live(
            TableName=table.name, TimeToLiveSpecification=wanted
        )
        assert answer["TimeToLiveSpecification"] == wanted
        assert described(table.client, table.name) == {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": "expires",
        }
        answer = set_ttl(table.client, table.name, "expires", False)
        assert answer["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": False}
        assert described(table.client, table.name) == {"TimeToLiveStatus": "DISABLED"}

    def test_it_is_not_enabled_twice_nor_changed(self, tables):
        table = tables.create("S")
        set_ttl(table.client, table.name)
        with invalid("TimeToLive is already enabled"):
            set_ttl(table.client, table.name)
        for enabled in (True, False):
            with invalid(
                "TimeToLive is active on a different AttributeName: current AttributeName is x"
            ):
                set_ttl(table.client, table.name, "other", enabled)

    def test_it_is_not_disabled_twice(self, table_s):
        with invalid("TimeToLive is already disabled"):
            set_ttl(table_s.client, table_s.name, enabled=False)

    def test_a_key_attribute_is_accepted(self, tables):
        table = tables.create("S")
        set_ttl(table.client, table.name, "p")
        assert described(table.client, table.name)["AttributeName"] == "p"

    def test_there_is_no_table(self, loose):
        name = unique("absent-")
        message = f"Requested resource not found: Table: {name} not found"
        with refused(NOT_FOUND, message):
            set_ttl(loose, name)
        with refused(NOT_FOUND, message):
            described(loose, name)

    @pytest.mark.parametrize(
        "specification, value, at, rule",
        [
            (None, None, "timeToLiveSpecification", "Member must not be null"),
            (
                {"Enabled": True},
                None,
                "timeToLiveSpecification.attributeName",
                "Member must not be null",
            ),
            (
                {"AttributeName": "x"},
                None,
                "timeToLiveSpecification.enabled",
                "Member must not be null",
            ),
            (
                {"AttributeName": "", "Enabled": True},
                "",
                "timeToLiveSpecification.attributeName",
                "Member must have length greater than or equal to 1",
            ),
            (
                {"AttributeName": "x" * 256, "Enabled": True},
                "x" * 256,
                "timeToLiveSpecification.attributeName",
                "Member must have length less than or equal to 255",
            ),
        ],
    )
    def test_its_form_is_checked(self, table_s, specification, value, at, rule):
        arguments = {} if specification is None else {"TimeToLiveSpecification": specification}
        with constraint(value, at, rule):
            table_s.client.update_time_to_live(TableName=table_s.name, **arguments)

    @pytest.mark.parametrize(
        "specification", [{"AttributeName": "x", "Enabled": "yes"}, {"AttributeName": 3}]
    )
    def test_its_types_are_checked(self, table_s, specification):
        with refused("SerializationException"):
            table_s.client.update_time_to_live(
                TableName=table_s.name, TimeToLiveSpecification=specification
            )


@pytest.fixture(scope="module")
def quick(started):
    """A region that looks for expired items every second."""
    return started("ttl.sweepInterval: 1s", "heartbeat.interval: 100ms")


def create(client, hash_type="S", range_type=None, **rest):
    name = unique("ttl-")
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", **schema(hash_type, range_type), **rest
    )
    wait_active(client, name)
    return name


def wait_for_sweeps(client, count):
    """Waits until the region has looked for expired items so often: it has found one each time."""
    name = create(client)
    set_ttl(client, name)
    for number in range(count):
        client.put_item(TableName=name, Item={"p": S("swept"), "x": N(int(time.time()) - 60)})
        wait_until(lambda: keys(client, name) == set(), f"sweep {number}")


def keys(client, name):
    page = client.scan(TableName=name, ConsistentRead=True)
    return {next(iter(item["p"].values())) for item in page["Items"]}


@pytest.mark.processes
class TestExpiry:
    def test_what_has_expired_goes_and_nothing_else(self, quick):
        client = quick.client
        name = create(client)
        now = int(time.time())

        def put(key, value):
            item = {"p": S(key)} | ({"x": value} if value else {})
            client.put_item(TableName=name, Item=item)

        put("there before", N(now - 60))
        put("there before, later", N(now + 3600))
        set_ttl(client, name)
        put("no attribute", None)
        put("past", N(now - 60))
        put("exponent", N(f"{(now - 60) // 10}e1"))
        put("fraction", N(Decimal(str(now - 60)) + Decimal("0.5")))
        put("soon", N(now + 2))
        put("put off", N(now + 2))
        put("put off", N(now + 3600))
        put("future", N(now + 3600))
        put("text", S(str(now - 60)))
        put("set", {"NS": [str(now - 60)]})
        put("more than five years ago", N(162777600))
        left = {
            "there before, later", "no attribute", "put off", "future", "text", "set",
            "more than five years ago",
        }
        wait_until(lambda: keys(client, name) == left, "what has expired is gone")
        wait_for_sweeps(client, 2)
        assert keys(client, name) == left

    @pytest.mark.parametrize("attribute", ["p", "c"])
    def test_a_key_may_say_when(self, quick, attribute):
        client = quick.client
        name = create(client, "N", "N")
        set_ttl(client, name, attribute)
        now = int(time.time())
        for value in (now - 60, now + 3600):
            client.put_item(TableName=name, Item={"p": N(value), "c": N(value)})
        wait_until(lambda: keys(client, name) == {str(now + 3600)}, "the past one is gone")

    def test_an_expired_item_is_shown_until_it_is_deleted(self, tables):
        table = tables.create("S")
        set_ttl(table.client, table.name)
        item = {"p": S("a"), "x": N(int(time.time()) - 60)}
        table.put(item)
        assert table.get({"p": S("a")}) == item

    def test_nothing_expires_once_it_is_disabled(self, quick):
        client = quick.client
        name = create(client)
        # It has to be disabled before the item expires, also where that takes long.
        for seconds in (2, 20, 60):
            set_ttl(client, name)
            expiry = int(time.time()) + seconds
            client.put_item(TableName=name, Item={"p": S("a"), "x": N(expiry)})
            set_ttl(client, name, enabled=False)
            if time.time() < expiry:
                break
        else:
            pytest.fail("disabling takes a minute")
        wait_until(lambda: time.time() >= expiry + 1, "the item's time has come")
        wait_for_sweeps(client, 2)
        assert keys(client, name) == {"a"}

    def test_many_expire(self, quick):
        client = quick.client
        name = create(client)
        set_ttl(client, name)
        now = int(time.time())
        for start in range(0, 1200, 25):
            client.batch_write_item(
                RequestItems={
                    name: [
                        {
                            "PutRequest": {
                                "Item": {
                                    "p": S(str(n)),
                                    "x": N(now + 3600 if n % 100 == 0 else now - 60),
                                }
                            }
                        }
                        for n in range(start, start + 25)
                    ]
                }
            )
        wait_until(lambda: len(keys(client, name)) == 12, "all but twelve are gone")

    def test_a_stream_tells_that_it_was_time_to_live(self, quick):
        client, streams = quick.client, quick.streams
        name = create(
            client,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        set_ttl(client, name)
        item = {"p": S("a"), "x": N(int(time.time()) - 60), "animal": S("dog")}
        client.put_item(TableName=name, Item=item)
        client.put_item(TableName=name, Item={"p": S("b")})
        client.delete_item(TableName=name, Key={"p": S("b")})
        wait_until(lambda: keys(client, name) == set(), "the item is gone")
        records = records_of(client, streams, name)
        removes = {
            one["dynamodb"]["Keys"]["p"]["S"]: one
            for one in records
            if one["eventName"] == "REMOVE"
        }
        assert removes["a"]["userIdentity"] == {
            "Type": "Service",
            "PrincipalId": "dynamodb.amazonaws.com",
        }
        assert removes["a"]["dynamodb"]["OldImage"] == item
        assert "NewImage" not in removes["a"]["dynamodb"]
        assert "userIdentity" not in removes["b"]


def records_of(client, streams, name):
    arn = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    records = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records += streams.get_records(ShardIterator=place)["Records"]
    return records


@pytest.mark.processes
class TestRegions:
    HOME, EUROPE = "us-east-1", "eu-west-1"

    @pytest.fixture(scope="class")
    def cluster(self):
        cluster = Cluster([self.HOME, self.EUROPE], ["ttl.sweepInterval: 1s"])
        try:
            yield cluster.start()
        finally:
            cluster.stop()

    def test_the_setting_and_the_deletes_travel(self, cluster):
        home, europe = cluster.client(self.HOME), cluster.client(self.EUROPE)
        name = create(home)
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": self.EUROPE}}])
        for client in (home, europe):
            wait_until(lambda: is_active(client, name), f"{name} is active")
        set_ttl(home, name)
        wait_until(
            lambda: described(europe, name)["TimeToLiveStatus"] == "ENABLED", "the setting is there"
        )
        with refused(VALIDATION, contains="already enabled"):
            set_ttl(europe, name)

        home.put_item(TableName=name, Item={"p": S("a"), "x": N(int(time.time()) + 3600)})
        wait_until(lambda: keys(europe, name) == {"a"}, "the item is there")
        home.put_item(TableName=name, Item={"p": S("a"), "x": N(int(time.time()) - 1)})
        for client in (home, europe):
            wait_until(lambda client=client: keys(client, name) == set(), "the item is gone")
        told = [
            records_of(client, cluster.regions[region].streams, name)
            for client, region in ((home, self.HOME), (europe, self.EUROPE))
        ]
        for records in told:
            assert [one["eventName"] for one in records] == ["INSERT", "MODIFY", "REMOVE"]
        assert "userIdentity" in told[0][2]
        assert "userIdentity" not in told[1][2]

    def test_a_global_tables_stream_is_not_disabled(self, cluster):
        home = cluster.client(self.HOME)
        name = create(home)
        home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": self.EUROPE}}])
        wait_until(lambda: is_active(cluster.client(self.EUROPE), name), f"{name} is active")
        for region in (self.HOME, self.EUROPE):
            shown = cluster.client(region).describe_table(TableName=name)["Table"]
            assert shown["StreamSpecification"] == {
                "StreamEnabled": True,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            }
            assert f":{region}:" in shown["LatestStreamArn"]
        with invalid(INVALID + "Disabling Stream is not allowed for a Global Table replica."):
            home.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})


def is_active(client, name):
    try:
        shown = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return False
    replicas = [one["ReplicaStatus"] for one in shown.get("Replicas", [])]
    return shown["TableStatus"] == "ACTIVE" and replicas == ["ACTIVE"]
