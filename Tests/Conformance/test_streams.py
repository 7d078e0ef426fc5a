"""DynamoDB Streams: settings of a table, records, shards, iterators, and what is refused."""

import datetime
import re
import time

import pytest

from support import (
    NOT_FOUND,
    S,
    N,
    VALIDATION,
    constraint,
    invalid,
    refused,
    schema,
    unique,
    wait_active,
    wait_until,
)

BOTH = "NEW_AND_OLD_IMAGES"
LABEL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")


def enabled(view=BOTH):
    return {"StreamEnabled": True, "StreamViewType": view}


def latest(client, name):
    return client.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def shards_of(streams, arn):
    return streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]


def iterator(streams, arn, kind="TRIM_HORIZON", shard=None, **rest):
    shard = shard or shards_of(streams, arn)[-1]["ShardId"]
    return streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **rest
    )["ShardIterator"]


def at_time(raw, arn, shard, kind="AT_TIMESTAMP", **rest):
    """The response to a type of iterator that older SDKs do not know."""
    body = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": kind}
    target = "DynamoDBStreams_20120810.GetShardIterator"
    return raw.call("GetShardIterator", body | rest, X_Amz_Target=target)


def read(streams, place):
    """All records from an iterator on that are there, and the iterator after them."""
    records = []
    while place:
        page = streams.get_records(ShardIterator=place)
        records += page["Records"]
        place = page.get("NextShardIterator")
        if not page["Records"]:
            break
    return records, place


def read_all(streams, arn):
    return [
        record
        for shard in shards_of(streams, arn)
        for record in read(streams, iterator(streams, arn, shard=shard["ShardId"]))[0]
    ]


def told(record):
    """What a record says happened: event, key, old image, new image."""
    body = record["dynamodb"]
    return record["eventName"], body["Keys"], body.get("OldImage"), body.get("NewImage")


def streaming(tables, view=BOTH, **rest):
    table = tables.create("S", StreamSpecification=enabled(view), **rest)
    return table, latest(table.client, table.name)


class TestSettings:
    def test_a_new_table_has_its_stream_in_the_answer(self, client):
        name = unique("t-")
        made = client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=enabled("KEYS_ONLY"),
            **schema("S", None),
        )["TableDescription"]
        assert made["StreamSpecification"] == enabled("KEYS_ONLY")
        assert LABEL.fullmatch(made["LatestStreamLabel"])
        assert made["LatestStreamArn"] == f"{made['TableArn']}/stream/{made['LatestStreamLabel']}"
        wait_active(client, name)
        shown = client.describe_table(TableName=name)["Table"]
        for member in ("StreamSpecification", "LatestStreamLabel", "LatestStreamArn"):
            assert shown[member] == made[member]
        client.delete_table(TableName=name)

    def test_a_table_without_a_stream_shows_none(self, tables):
        table = tables.create("S", StreamSpecification={"StreamEnabled": False})
        shown = table.client.describe_table(TableName=table.name)["Table"]
        assert not {"StreamSpecification", "LatestStreamArn", "LatestStreamLabel"} & set(shown)

    @pytest.mark.parametrize(
        "specification, message",
        [
            (
                {"StreamEnabled": True},
                "One or more parameter values were invalid: Table is being created with a stream "
                "enabled, UpdateViewType is required",
            ),
            (
                {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"},
                "One or more parameter values were invalid: Table is being created with a stream "
                "disabled, UpdateViewType should not be specified",
            ),
        ],
    )
    def test_a_new_tables_view_goes_with_an_enabled_stream(self, loose, specification, message):
        with invalid(message):
            loose.create_table(
                TableName=unique("t-"),
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification=specification,
                **schema("S", None),
            )

    @pytest.mark.parametrize(
        "specification, message",
        [
            (
                {"StreamEnabled": True},
                "One or more parameter values were invalid: If stream is being enabled then "
                "UpdateViewType is required",
            ),
            (
                {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"},
                "One or more parameter values were invalid: If stream is being disabled, then "
                "UpdateViewType must not be specified",
            ),
        ],
    )
    def test_a_tables_view_goes_with_an_enabled_stream(self, table_s, specification, message):
        with invalid(message):
            table_s.client.update_table(
                TableName=table_s.name, StreamSpecification=specification
            )

    def test_there_are_four_views(self, table_s):
        with constraint(
            "Fish", "streamSpecification.streamViewType", "Member must satisfy enum value set"
        ):
            table_s.client.update_table(
                TableName=table_s.name, StreamSpecification=enabled("Fish")
            )
        with constraint(None, "streamSpecification.streamEnabled", "Member must not be null"):
            table_s.client.update_table(TableName=table_s.name, StreamSpecification={})

    def test_a_stream_is_not_disabled_twice(self, table_s):
        with invalid(f"Table has no stream to disable: TableName: {table_s.name}"):
            table_s.client.update_table(
                TableName=table_s.name, StreamSpecification={"StreamEnabled": False}
            )

    @pytest.mark.parametrize("view", [BOTH, "OLD_IMAGE"])
    def test_a_stream_is_not_enabled_twice_nor_changed(self, tables, view):
        table, _ = streaming(tables)
        with invalid(f"Table already has an enabled stream: TableName: {table.name}"):
            table.client.update_table(
                TableName=table.name, StreamSpecification=enabled(view)
            )

    def test_a_stream_is_not_changed_together_with_throughput(self, tables):
        table = tables.create(
            "S", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
        )
        with refused(VALIDATION, contains="cannot modify stream status while updating table IOPS"):
            table.client.update_table(
                TableName=table.name,
                StreamSpecification=enabled(),
                ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 2},
            )

    def test_a_disabled_stream_is_named_until_another_is_enabled(self, tables, streams):
        table, first = streaming(tables)
        table.put({"p": S("a")})
        update = table.client.update_table
        answer = update(TableName=table.name, StreamSpecification={"StreamEnabled": False})
        assert "StreamSpecification" not in answer["TableDescription"]
        wait_active(table.client, table.name)
        shown = table.client.describe_table(TableName=table.name)["Table"]
        assert "StreamSpecification" not in shown
        assert shown["LatestStreamArn"] == first

        table.put({"p": S("b")})
        answer = update(TableName=table.name, StreamSpecification=enabled("KEYS_ONLY"))
        second = answer["TableDescription"]["LatestStreamArn"]
        assert second > first
        assert latest(table.client, table.name) == second
        wait_active(table.client, table.name)
        table.put({"p": S("c")})

        listed = streams.list_streams(TableName=table.name)["Streams"]
        assert [one["StreamArn"] for one in listed] == [first, second]
        assert [told(one)[1] for one in read_all(streams, first)] == [{"p": S("a")}]
        assert [told(one)[1] for one in read_all(streams, second)] == [{"p": S("c")}]
        described = [
            streams.describe_stream(StreamArn=arn)["StreamDescription"] for arn in (first, second)
        ]
        assert [one["StreamStatus"] for one in described] == ["DISABLED", "ENABLED"]
        assert [one["StreamViewType"] for one in described] == [BOTH, "KEYS_ONLY"]


class TestRecords:
    def changes(self, table):
        """Writes of every kind to one item, and what a stream must tell of them."""
        key = {"p": S("k")}
        client, name = table.client, table.name
        client.put_item(TableName=name, Item=key | {"x": N(2)})
        client.put_item(TableName=name, Item=key | {"x": N("2.0")})
        client.put_item(TableName=name, Item=key | {"y": N(3)})
        client.delete_item(TableName=name, Key=key)
        client.delete_item(TableName=name, Key=key)
        client.update_item(
            TableName=name, Key=key, UpdateExpression="SET b = :b",
            ExpressionAttributeValues={":b": N(4)},
        )
        client.update_item(
            TableName=name, Key=key, UpdateExpression="SET b = :b",
            ExpressionAttributeValues={":b": N(4)},
        )
        client.update_item(TableName=name, Key=key, UpdateExpression="REMOVE b")
        client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": key | {"z": S("")}}}]})
        client.transact_write_items(
            TransactItems=[{"Delete": {"TableName": name, "Key": key}}]
        )
        states = [
            None, {"x": N(2)}, {"y": N(3)}, None, {"b": N(4)}, {}, {"z": S("")}, None,
        ]
        images = [None if state is None else key | state for state in states]
        return [
            ("INSERT" if old is None else "REMOVE" if new is None else "MODIFY", key, old, new)
            for old, new in zip(images, images[1:])
        ]

    @pytest.mark.parametrize("view", ["KEYS_ONLY", "OLD_IMAGE", "NEW_IMAGE", BOTH])
    def test_each_change_is_told_once_and_in_order(self, tables, streams, view):
        table, arn = streaming(tables, view)
        expected = [
            (
                event,
                key,
                old if view in ("OLD_IMAGE", BOTH) else None,
                new if view in ("NEW_IMAGE", BOTH) else None,
            )
            for event, key, old, new in self.changes(table)
        ]
        records = read_all(streams, arn)
        assert [told(record) for record in records] == expected
        assert {record["dynamodb"]["StreamViewType"] for record in records} == {view}

    def test_a_record_has_all_its_members(self, tables, streams):
        table, arn = streaming(tables)
        before = int(time.time())
        table.put({"p": S("key"), "v": N(12)})
        table.put({"p": S("key"), "v": S("twelve")})
        first, second = read_all(streams, arn)
        for record in (first, second):
            assert re.fullmatch("[0-9a-f]{32}", record["eventID"])
            assert record["eventVersion"] == "1.1"
            assert record["eventSource"] == "aws:dynamodb"
            assert record["awsRegion"] == "us-east-1"
            assert "userIdentity" not in record
            created = record["dynamodb"]["ApproximateCreationDateTime"]
            assert isinstance(created, datetime.datetime) and created.microsecond == 0
            assert before <= created.timestamp() <= time.time()
            assert re.fullmatch(r"\d{21,40}", record["dynamodb"]["SequenceNumber"])
        assert first["eventID"] != second["eventID"]
        numbers = [int(one["dynamodb"]["SequenceNumber"]) for one in (first, second)]
        assert numbers[0] < numbers[1]
        # The key, and each image by the size of an item.
        assert first["dynamodb"]["SizeBytes"] == 4 + (4 + 1 + 2)
        assert second["dynamodb"]["SizeBytes"] == 4 + (4 + 1 + 2) + (4 + 1 + 6)

    def test_a_failed_write_is_not_told(self, tables, streams):
        table, arn = streaming(tables)
        with refused("ConditionalCheckFailedException"):
            table.client.put_item(
                TableName=table.name, Item={"p": S("a")}, ConditionExpression="attribute_exists(p)"
            )
        assert read_all(streams, arn) == []

    def test_keys_hold_partition_and_sort_key(self, tables, streams):
        table = tables.create("S", "N", StreamSpecification=enabled("KEYS_ONLY"))
        table.client.put_item(TableName=table.name, Item={"p": S("a"), "c": N(1), "v": S("x")})
        (record,) = read_all(streams, latest(table.client, table.name))
        assert record["dynamodb"]["Keys"] == {"p": S("a"), "c": N(1)}
        assert not {"NewImage", "OldImage"} & set(record["dynamodb"])


class TestDescription:
    def test_a_stream_is_described(self, tables, streams):
        table = tables.create("S", "B", StreamSpecification=enabled("NEW_IMAGE"))
        arn = latest(table.client, table.name)
        stream = streams.describe_stream(StreamArn=arn)["StreamDescription"]
        assert stream["StreamArn"] == arn
        assert stream["StreamLabel"] == arn.rsplit("/", 1)[1]
        assert stream["StreamStatus"] == "ENABLED"
        assert stream["StreamViewType"] == "NEW_IMAGE"
        assert stream["TableName"] == table.name
        assert abs(stream["CreationRequestDateTime"].timestamp() - time.time()) < 60
        assert stream["KeySchema"] == [
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "c", "KeyType": "RANGE"},
        ]
        assert "LastEvaluatedShardId" not in stream
        (shard,) = stream["Shards"]
        assert 28 <= len(shard["ShardId"]) <= 65
        assert "ParentShardId" not in shard
        assert list(shard["SequenceNumberRange"]) == ["StartingSequenceNumber"]

    def test_pages_of_shards_start_after_one(self, tables, streams):
        _, arn = streaming(tables)
        (shard,) = shards_of(streams, arn)
        for start, count in ((shard["ShardId"], 0), ("z" * 40, 0), ("a" * 40, 1)):
            stream = streams.describe_stream(StreamArn=arn, ExclusiveStartShardId=start)
            assert len(stream["StreamDescription"]["Shards"]) == count

    def test_a_stream_that_is_none_is_not_found(self, tables, streams):
        _, arn = streaming(tables)
        other = arn[:-3] + ("999" if arn[-3:] != "999" else "998")
        with refused(NOT_FOUND, f"Requested resource not found: Stream: {other} not found"):
            streams.describe_stream(StreamArn=other)
        with refused(VALIDATION, "Invalid StreamArn"):
            streams.describe_stream(StreamArn="x" * 40)
        with constraint("x", "streamArn", "Member must have length greater than or equal to 37"):
            streams.describe_stream(StreamArn="x")
        with constraint(None, "streamArn", "Member must not be null"):
            streams.describe_stream()

    @pytest.mark.parametrize("limit, rule", [(0, "greater"), (101, "less")])
    def test_pages_are_bounded(self, tables, streams, limit, rule):
        _, arn = streaming(tables)
        rule = f"Member must have value {rule} than or equal to"
        with constraint(limit, "limit", rule):
            streams.describe_stream(StreamArn=arn, Limit=limit)
        with constraint(limit, "limit", rule):
            streams.list_streams(Limit=limit)

    def test_streams_are_listed_in_pages(self, tables, streams):
        arns = {streaming(tables)[1] for _ in range(3)}
        page = streams.list_streams(Limit=1)
        seen = []
        while True:
            assert len(page["Streams"]) <= 1
            seen += [one["StreamArn"] for one in page["Streams"]]
            start = page.get("LastEvaluatedStreamArn")
            if not start:
                break
            page = streams.list_streams(Limit=1, ExclusiveStartStreamArn=start)
        assert arns <= set(seen)
        assert len(seen) == len(set(seen))

    def test_a_table_without_streams_lists_none(self, table_s, streams):
        assert streams.list_streams(TableName=table_s.name)["Streams"] == []

    def test_a_start_that_is_no_stream_is_refused(self, table_s, streams):
        with refused(VALIDATION):
            streams.list_streams(
                TableName=table_s.name, ExclusiveStartStreamArn="not-a-stream-" * 5
            )

    def test_a_dropped_tables_stream_stays_readable(self, tables, streams):
        table, arn = streaming(tables)
        table.put({"p": S("a")})
        place = iterator(streams, arn)
        table.client.delete_table(TableName=table.name)
        wait_until(
            lambda: streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"]
            == "DISABLED",
            "the stream is disabled",
        )
        records, end = read(streams, place)
        assert [told(one)[0] for one in records] == ["INSERT"]
        assert end is None
        listed = streams.list_streams(TableName=table.name)["Streams"]
        assert [one["StreamArn"] for one in listed] == [arn]
        tables.create("S", name=table.name, StreamSpecification=enabled())
        assert latest(table.client, table.name) != arn
        assert len(streams.list_streams(TableName=table.name)["Streams"]) == 2


class TestIterators:
    def test_reading_goes_on_where_it_ended(self, tables, streams):
        table, arn = streaming(tables)
        place = iterator(streams, arn, "LATEST")
        assert read(streams, place)[0] == []
        for value in range(5):
            table.put({"p": S("a"), "v": N(value)})
        page = streams.get_records(ShardIterator=place, Limit=2)
        assert len(page["Records"]) == 2
        rest, place = read(streams, page["NextShardIterator"])
        assert [one["dynamodb"]["NewImage"]["v"] for one in rest] == [N(2), N(3), N(4)]
        assert read(streams, place)[0] == []
        assert len(read(streams, iterator(streams, arn))[0]) == 5

    def test_reading_starts_at_or_after_a_sequence_number(self, tables, streams):
        table, arn = streaming(tables)
        (shard,) = shards_of(streams, arn)
        for value in range(3):
            table.put({"p": S("a"), "v": N(value)})
        records = read_all(streams, arn)
        second = records[1]["dynamodb"]["SequenceNumber"]
        start = shard["SequenceNumberRange"]["StartingSequenceNumber"]
        for kind, number, count in (
            ("AT_SEQUENCE_NUMBER", second, 2),
            ("AFTER_SEQUENCE_NUMBER", second, 1),
            ("AT_SEQUENCE_NUMBER", start, 3),
            ("AFTER_SEQUENCE_NUMBER", start, 3),
        ):
            place = iterator(streams, arn, kind, SequenceNumber=number)
            assert read(streams, place)[0] == records[3 - count:]

    def test_a_sequence_number_goes_with_its_types(self, tables, streams):
        _, arn = streaming(tables)
        (shard,) = shards_of(streams, arn)
        number = shard["SequenceNumberRange"]["StartingSequenceNumber"]
        for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            with refused(VALIDATION, contains="SequenceNumber"):
                iterator(streams, arn, kind)
            for bad in ("9" * 21, "1" + "9" * 20, "x" * 25):
                with refused(VALIDATION, contains="SequenceNumber"):
                    iterator(streams, arn, kind, SequenceNumber=bad)
            with constraint("12", "sequenceNumber", "Member must have length greater"):
                iterator(streams, arn, kind, SequenceNumber="12")
        for kind in ("TRIM_HORIZON", "LATEST"):
            with refused(VALIDATION, contains="SequenceNumber"):
                iterator(streams, arn, kind, SequenceNumber=number)

    def test_reading_starts_at_a_time(self, tables, streams, raw):
        table, arn = streaming(tables)
        (shard,) = shards_of(streams, arn)

        def seconds(record):
            return record["dynamodb"]["ApproximateCreationDateTime"].timestamp()

        def written_later():
            table.put({"p": S("a"), "v": N(len(read_all(streams, arn)))})
            records = read_all(streams, arn)
            return records if seconds(records[-1]) > seconds(records[0]) else None

        records = wait_until(written_later, "a record of a later second")
        later = seconds(records[-1])
        for time_, expected in (
            (0, records),
            (seconds(records[0]), records),
            (later, [one for one in records if seconds(one) >= later]),
        ):
            place = at_time(raw, arn, shard, Timestamp=time_).json()["ShardIterator"]
            assert read(streams, place)[0] == expected

    def test_a_time_goes_with_its_type(self, tables, streams, raw):
        _, arn = streaming(tables)
        (shard,) = shards_of(streams, arn)
        number = shard["SequenceNumberRange"]["StartingSequenceNumber"]
        for kind, rest, word in (
            ("AT_TIMESTAMP", {}, "Timestamp must be"),
            ("AT_TIMESTAMP", {"Timestamp": 1, "SequenceNumber": number}, "SequenceNumber must not"),
            ("AT_TIMESTAMP", {"Timestamp": time.time() + 86_400}, "future"),
            ("LATEST", {"Timestamp": 1}, "Timestamp must not"),
        ):
            response = at_time(raw, arn, shard, kind, **rest)
            assert response.error == VALIDATION and word in response.message
        for wrong in ("1", True, {}):
            response = at_time(raw, arn, shard, Timestamp=wrong)
            assert response.error == "SerializationException"

    def test_an_iterator_needs_a_stream_a_shard_and_a_type(self, tables, streams):
        _, arn = streaming(tables)
        (shard,) = shards_of(streams, arn)
        with refused(NOT_FOUND, contains="Shard"):
            iterator(streams, arn, shard="shardId-00000000000000000000-00000000")
        with refused(NOT_FOUND, contains="Shard"):
            iterator(streams, arn, shard="x" * 40)
        with constraint("x", "shardId", "Member must have length greater than or equal to 28"):
            iterator(streams, arn, shard="x")
        with constraint("bull", "shardIteratorType", "Member must satisfy enum value set"):
            iterator(streams, arn, "bull")
        with refused(VALIDATION, "Invalid StreamArn"):
            iterator(streams, "x" * 50, shard=shard["ShardId"])
        with refused(VALIDATION, contains="3 validation errors detected"):
            streams.get_shard_iterator()

    def test_an_iterator_that_nobody_gave_is_refused(self, tables, streams):
        table, arn = streaming(tables)
        table.put({"p": S("a")})
        good = iterator(streams, arn)
        for bad in ("x" * 60, good[:-1], good[:-6] + "AAAAA=", good.replace("|1|", "|2|"), "|1|"):
            with refused(VALIDATION, "Invalid ShardIterator"):
                streams.get_records(ShardIterator=bad)
        with constraint("", "shardIterator", "Member must have length greater than or equal to 1"):
            streams.get_records(ShardIterator="")
        with constraint(None, "shardIterator", "Member must not be null"):
            streams.get_records()

    @pytest.mark.parametrize("limit, rule", [(0, "greater"), (-1, "greater"), (1001, "less")])
    def test_a_page_is_bounded(self, tables, streams, limit, rule):
        _, arn = streaming(tables)
        place = iterator(streams, arn)
        assert streams.get_records(ShardIterator=place, Limit=1000)["Records"] == []
        with constraint(limit, "limit", f"Member must have value {rule} than or equal to"):
            streams.get_records(ShardIterator=place, Limit=limit)

    def test_a_page_ends_after_a_megabyte(self, tables, streams):
        table, arn = streaming(tables)
        for value in range(6):
            table.put({"p": S(str(value)), "v": S("x" * 300_000)})
        page = streams.get_records(ShardIterator=iterator(streams, arn))
        assert len(page["Records"]) == 4
        assert len(read(streams, page["NextShardIterator"])[0]) == 2


@pytest.mark.processes
class TestShards:
    def test_a_shard_is_followed_by_its_child(self, started):
        region = started("streams.shardDuration: 1s", "heartbeat.interval: 100ms")
        client, streams = region.client, region.streams
        client.create_table(
            TableName="rolling",
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=enabled(),
            **schema("S", None),
        )
        wait_active(client, "rolling")
        arn = latest(client, "rolling")
        client.put_item(TableName="rolling", Item={"p": S("a"), "v": N(1)})
        # The shard that was open then: the first, unless that took longer than one stays open.
        (first,) = [
            shard["ShardId"]
            for shard in shards_of(streams, arn)
            if read(streams, iterator(streams, arn, shard=shard["ShardId"]))[0]
        ]
        place = iterator(streams, arn, shard=first)
        wait_until(lambda: shards_of(streams, arn)[-1]["ShardId"] != first, "the next shard")
        client.put_item(TableName="rolling", Item={"p": S("a"), "v": N(2)})

        shards = shards_of(streams, arn)
        assert [one["ShardId"] for one in shards] == sorted(one["ShardId"] for one in shards)
        assert "ParentShardId" not in shards[0]
        for before, after in zip(shards, shards[1:]):
            assert after["ParentShardId"] == before["ShardId"]
            end = before["SequenceNumberRange"]["EndingSequenceNumber"]
            assert int(end) < int(after["SequenceNumberRange"]["StartingSequenceNumber"])
        assert "EndingSequenceNumber" not in shards[-1]["SequenceNumberRange"]

        records, end = read(streams, place)
        assert [one["dynamodb"]["NewImage"]["v"] for one in records] == [N(1)]
        assert end is None
        children = streams.describe_stream(
            StreamArn=arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": first}
        )["StreamDescription"]["Shards"]
        assert [one["ParentShardId"] for one in children] == [first]
        assert [told(one)[0] for one in read_all(streams, arn)] == ["INSERT", "MODIFY"]

        page = streams.describe_stream(StreamArn=arn, Limit=1)["StreamDescription"]
        assert page["LastEvaluatedShardId"] == shards[0]["ShardId"]

    def test_a_stream_survives_a_kill(self, started):
        region = started()
        client, streams = region.client, region.streams
        client.create_table(
            TableName="killed",
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=enabled(),
            **schema("S", None),
        )
        wait_active(client, "killed")
        arn = latest(client, "killed")
        client.put_item(TableName="killed", Item={"p": S("a")})
        before = read_all(streams, arn)
        region.kill()
        region.start()
        client.put_item(TableName="killed", Item={"p": S("b")})
        after = read_all(streams, arn)
        assert after[:1] == before
        assert [told(one)[1] for one in after] == [{"p": S("a")}, {"p": S("b")}]
        assert latest(client, "killed") == arn
