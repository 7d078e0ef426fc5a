"""UpdateTable with GlobalSecondaryIndexUpdates: adding, changing and removing indexes."""

import threading

import pytest

from indexes import (
    create_index, definitions, delete_index, described, entries, eventually, index, wait_built,
    wait_removed,
)
from support import INVALID, N, NOT_FOUND, S, VALIDATION, constraint, invalid, refused, wait_until

CAPACITY = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
ONE_AT_A_TIME = (
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per "
    "table"
)


@pytest.fixture(scope="module")
def plain(shared):
    """A table without indexes, for requests that are refused."""
    return shared.create()


def update(client, table, *updates, **rest):
    return client.update_table(
        TableName=table.name, GlobalSecondaryIndexUpdates=list(updates), **rest
    )


# Adding


def test_items_that_are_there_enter_a_new_index(client, tables):
    table = tables.create()
    items = [{"p": S(f"{n:03}"), "x": S(f"x{n % 7}"), "v": N(n)} for n in range(100)]
    others = [{"p": S("without")}, {"p": S("number"), "x": N(1)}, {"p": S("empty"), "x": S("")},
              {"p": S("long"), "x": S("x" * 2049)}]
    table.fill(items + others)
    answer = create_index(client, table, index("by-x", "x"), x="S")["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    [shown] = answer["GlobalSecondaryIndexes"]
    assert (shown["IndexStatus"], shown["Backfilling"]) == ("CREATING", False)
    assert answer["AttributeDefinitions"] == definitions(p="S", x="S")

    shown = wait_built(client, table, "by-x")
    assert "Backfilling" not in shown
    assert shown["ItemCount"] == 100
    assert client.describe_table(TableName=table.name)["Table"]["TableStatus"] == "ACTIVE"
    assert entries(table, "by-x") == items
    found = table.query("x = :x", values={":x": S("x3")}, IndexName="by-x", ConsistentRead=False)
    assert found["Count"] == 14


def test_a_new_index_binds_later_writes(client, tables):
    table = tables.create()
    key = {"p": S("1")}
    table.put(key | {"x": N(1)})
    create_index(client, table, index("by-x", "x"), x="S")
    wait_built(client, table, "by-x")
    with refused(VALIDATION, contains="Type mismatch for Index Key x"):
        table.put({"p": S("2"), "x": N(1)})
    # An item from before has to be mended before anything else of it can change.
    with refused(VALIDATION, contains="update the secondary index key to unsupported type"):
        table.update(key, "SET v = :v", values={":v": N(1)})
    table.update(key, "SET x = :x", values={":x": S("good")})
    eventually(lambda: entries(table, "by-x"), [key | {"x": S("good")}])


def test_a_key_attribute_of_the_table_can_be_one_of_the_index(client, tables):
    table = tables.create("S", "S")
    items = [{"p": S(f"p{n}"), "c": S(f"c{n % 3}")} for n in range(9)]
    table.fill(items)
    create_index(client, table, index("by-c", "c"), c="S")
    wait_built(client, table, "by-c")
    assert entries(table, "by-c") == items


def test_a_range_key_too_long_stays_outside(client, tables):
    table = tables.create()
    items = [{"p": S(str(length)), "x": S("x" * length)} for length in (1024, 1025, 2048)]
    table.fill(items)
    create_index(client, table, index("hashed", "x"), x="S")
    wait_built(client, table, "hashed")
    create_index(client, table, index("ranged", "p", "x"), p="S", x="S")
    wait_built(client, table, "ranged")
    assert entries(table, "hashed") == items
    assert entries(table, "ranged") == items[:1]


def test_writes_go_on_while_an_index_is_built(client, tables):
    table = tables.create()
    table.fill([{"p": S(f"{n:04}"), "x": S("old"), "pad": S("p" * 300)} for n in range(3000)])
    stop = threading.Event()
    wrote = {}

    def write():
        number = 0
        while not stop.is_set():
            place = (number * 37) % 3000
            item = {"p": S(f"{place:04}"), "x": S(f"new{number % 5}"), "n": N(number)}
            table.put(item)
            wrote[place] = item
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: wrote, "the writer writes")
        create_index(client, table, index("by-x", "x", include=["n"]), x="S")
        wait_built(client, table, "by-x")
    finally:
        stop.set()
        writer.join()
    assert wrote
    found = entries(table, "by-x")
    assert len(found) == 3000
    expected = [wrote.get(n, {"p": S(f"{n:04}"), "x": S("old")}) for n in range(3000)]
    assert found == expected
    assert described(client, table, "by-x")["ItemCount"] == 3000


def test_a_projected_throughput_comes_with_a_provisioned_index(client, tables):
    table = tables.create(ProvisionedThroughput=CAPACITY)
    with invalid(
        INVALID + "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: by-x"
    ):
        create_index(client, table, index("by-x", "x"), x="S")
    create_index(client, table, index("by-x", "x", ProvisionedThroughput=CAPACITY), x="S")
    shown = wait_built(client, table, "by-x")
    assert shown["ProvisionedThroughput"]["ReadCapacityUnits"] == 1


# What is refused


def test_a_name_is_taken_once(client, tables):
    table = tables.create(
        "S", "S",
        AttributeDefinitions=definitions(p="S", c="S"),
        LocalSecondaryIndexes=[index("local", "p", "c")],
        GlobalSecondaryIndexes=[index("global", "c")],
    )
    for name in ("local", "global"):
        with invalid("Attempting to create an index which already exists"):
            create_index(client, table, index(name, "x"), x="S")


def test_twenty_are_the_most(client, tables):
    table = tables.create(GlobalSecondaryIndexes=[index(f"index-{n}", "p") for n in range(20)])
    with refused("LimitExceededException", contains="20"):
        create_index(client, table, index("one-more", "p"), p="S")


def test_an_attribute_keeps_its_type(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x")],
    )
    with refused(VALIDATION, contains="Attributes cannot be redefined"):
        create_index(client, table, index("other", "x"), x="N")


def test_definitions_come_with_the_index(loose, plain):
    with invalid(INVALID + "AttributeDefinitions is not specified for index: by-x"):
        update(loose, plain, {"Create": index("by-x", "x")})
    with refused(VALIDATION, contains="Some index key attributes are not defined in AttributeDef"):
        create_index(loose, plain, index("by-x", "x"), y="S")


def test_an_on_demand_index_has_no_throughput(client, plain):
    with invalid(
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: "
        "by-x when BillingMode is PAY_PER_REQUEST"
    ):
        create_index(client, plain, index("by-x", "x", ProvisionedThroughput=CAPACITY), x="S")


def test_an_update_says_what_to_do(loose, plain):
    with invalid(
        INVALID + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must not be null"
    ):
        update(loose, plain, {})
    with invalid(
        INVALID + "Only one global secondary index action is allowed per "
        "GlobalSecondaryIndexUpdate object"
    ):
        update(loose, plain, {"Create": index("by-x", "x"), "Delete": {"IndexName": "other"}},
               AttributeDefinitions=definitions(x="S"))
    with refused(VALIDATION, contains="At least one of "):
        update(loose, plain)
    with invalid(INVALID + "List of GlobalSecondaryIndexUpdates is empty"):
        update(loose, plain, DeletionProtectionEnabled=False)
    with constraint("ab", "globalSecondaryIndexUpdates.1.member.delete.indexName",
                    "Member must have length greater than or equal to 3"):
        update(loose, plain, {"Delete": {"IndexName": "ab"}})


def test_one_index_is_named_once(loose, plain):
    delete = {"Delete": {"IndexName": "same"}}
    with invalid(
        INVALID + "Only one global secondary index update per index is allowed simultaneously. "
        "Index: same"
    ):
        update(loose, plain, delete, delete)


def test_one_index_is_made_or_removed_at_a_time(loose, plain):
    create = lambda name: {"Create": index(name, "x")}
    delete = lambda name: {"Delete": {"IndexName": name}}
    for updates in [
        (create("one"), create("two")), (delete("one"), delete("two")),
        (create("one"), delete("two")),
    ]:
        with refused("LimitExceededException", ONE_AT_A_TIME):
            update(loose, plain, *updates, AttributeDefinitions=definitions(x="S"))


def test_an_index_is_not_made_while_capacity_changes(loose, tables):
    table = tables.create(ProvisionedThroughput=CAPACITY)
    with invalid(INVALID + "You cannot create or delete index while updating table IOPS"):
        update(loose, table, {"Create": index("by-x", "x", ProvisionedThroughput=CAPACITY)},
               AttributeDefinitions=definitions(x="S"),
               ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 2})


def test_a_key_of_many_attributes_has_the_same_rules(loose, plain):
    with refused(VALIDATION, contains="exceeds the maximum allowed number of HASH key attributes"):
        create_index(loose, plain, index("many", "a b c d e"), **dict.fromkeys("abcde", "S"))


# Removing


def test_a_removed_index_is_gone(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("by-x", "x"), index("by-p", "p")],
    )
    table.put({"p": S("1"), "x": S("2")})
    answer = delete_index(client, table, "by-x")["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    states = {i["IndexName"]: i["IndexStatus"] for i in answer["GlobalSecondaryIndexes"]}
    assert states == {"by-x": "DELETING", "by-p": "ACTIVE"}
    wait_removed(client, table, "by-x")
    shown = client.describe_table(TableName=table.name)["Table"]
    assert [one["IndexName"] for one in shown["GlobalSecondaryIndexes"]] == ["by-p"]
    assert shown["AttributeDefinitions"] == definitions(p="S")
    with invalid("The table does not have the specified index: by-x"):
        table.scan(IndexName="by-x", ConsistentRead=False)
    table.put({"p": S("2"), "x": N(7)})
    assert table.get({"p": S("2")})["x"] == N(7)


def test_the_last_index_leaves_no_list(client, tables):
    table = tables.create(GlobalSecondaryIndexes=[index("by-p", "p")])
    delete_index(client, table, "by-p")
    wait_removed(client, table, "by-p")
    shown = client.describe_table(TableName=table.name)["Table"]
    assert "GlobalSecondaryIndexes" not in shown
    assert shown["TableStatus"] == "ACTIVE"


def test_an_index_comes_back_as_another(client, tables):
    table = tables.create(
        AttributeDefinitions=definitions(p="S", x="S"),
        GlobalSecondaryIndexes=[index("named", "x")],
    )
    item = {"p": S("1"), "x": S("2"), "y": N(3), "v": S("w")}
    table.put(item)
    delete_index(client, table, "named")
    wait_removed(client, table, "named")
    create_index(client, table, index("named", "y", projection="KEYS_ONLY"), y="N")
    wait_built(client, table, "named")
    assert entries(table, "named") == [{"p": S("1"), "y": N(3)}]


def test_a_local_index_binds_still_when_a_global_one_goes(client, tables):
    table = tables.create(
        "S", "S",
        AttributeDefinitions=definitions(p="S", c="S", x="S"),
        LocalSecondaryIndexes=[index("local", "p", "x")],
        GlobalSecondaryIndexes=[index("global", "x")],
    )
    delete_index(client, table, "global")
    wait_removed(client, table, "global")
    with refused(VALIDATION, contains="Type mismatch for Index Key x"):
        table.put({"p": S("1"), "c": S("1"), "x": N(1)})
    with invalid("Cannot delete an index that is not a GlobalSecondaryIndex: local"):
        delete_index(client, table, "local")


def test_what_is_not_there_cannot_be_removed_or_changed(client, plain):
    message = f"Requested resource not found: Index none for table {plain.name}"
    with refused(NOT_FOUND, message):
        delete_index(client, plain, "none")
    with refused(NOT_FOUND, message):
        update(client, plain, {"Update": {"IndexName": "none", "ProvisionedThroughput": CAPACITY}})


# Changing


def test_a_throughput_changes(client, tables):
    table = tables.create(
        ProvisionedThroughput=CAPACITY,
        GlobalSecondaryIndexes=[index("by-p", "p", ProvisionedThroughput=CAPACITY)],
    )
    more = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    change = {"Update": {"IndexName": "by-p", "ProvisionedThroughput": more}}
    [shown] = update(client, table, change)["TableDescription"]["GlobalSecondaryIndexes"]
    assert shown["IndexStatus"] == "UPDATING"
    shown = wait_built(client, table, "by-p")["ProvisionedThroughput"]
    assert (shown["ReadCapacityUnits"], shown["WriteCapacityUnits"]) == (5, 6)
    with refused(
        VALIDATION, contains="The provisioned throughput for the index by-p will not change."
    ):
        update(client, table, change)


def test_an_on_demand_index_has_no_throughput_to_change(client, tables):
    table = tables.create(GlobalSecondaryIndexes=[index("by-p", "p")])
    with invalid(
        INVALID + "The only Updates for index: by-p when TableThroughputMode is PAY_PER_REQUEST "
        "can be to OnDemandThroughput, WarmThroughput"
    ):
        update(client, table, {"Update": {"IndexName": "by-p", "ProvisionedThroughput": CAPACITY}})


def test_billing_changes_for_table_and_indexes_together(client, tables):
    table = tables.create(GlobalSecondaryIndexes=[index("by-p", "p")])
    provisioned = dict(BillingMode="PROVISIONED", ProvisionedThroughput=CAPACITY)
    with invalid(INVALID + "ProvisionedThroughput must be specified for index: by-p"):
        client.update_table(TableName=table.name, **provisioned)
    change = {"Update": {"IndexName": "by-p", "ProvisionedThroughput": CAPACITY}}
    update(client, table, change, **provisioned)
    shown = wait_built(client, table, "by-p")["ProvisionedThroughput"]
    assert shown["WriteCapacityUnits"] == 1
    client.update_table(TableName=table.name, BillingMode="PAY_PER_REQUEST")
    shown = wait_built(client, table, "by-p")["ProvisionedThroughput"]
    assert shown["WriteCapacityUnits"] == 0
