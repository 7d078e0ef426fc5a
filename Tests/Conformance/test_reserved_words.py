"""Reserved words cannot stand as attribute names in expressions; placeholders can mean them."""

import pytest

from support import N, S, counted, invalid

# A sample over the alphabet of the 573 words that DynamoDB reserves.
RESERVED = [
    "ABORT", "ACTION", "ADD", "ALL", "ATTRIBUTE", "BASE", "BY", "BYTE", "CAPACITY", "COMMENT",
    "COUNT", "COUNTER", "DATA", "DATE", "DEFAULT", "DELETE", "DOMAIN", "END", "EXISTS", "FILTER",
    "FROM", "GROUP", "HASH", "IDENTIFIED", "INDEX", "ITEMS", "KEY", "KEYS", "LANGUAGE", "LENGTH",
    "LEVEL", "LIST", "LOCATION", "MAP", "MODE", "NAME", "NAMES", "NULL", "NUMBER", "OBJECT",
    "ORDER", "OWNER", "PARTITION", "PATH", "POSITION", "RANGE", "REGION", "ROLE", "SCAN",
    "SECTION", "SET", "SIZE", "SOURCE", "STATE", "STATUS", "STREAM", "TABLE", "TEMPORARY", "TEXT",
    "TIME", "TIMESTAMP", "TOKEN", "TOTAL", "TTL", "TYPE", "UNIT", "UPDATE", "URL", "USER", "USERS",
    "UUID", "VALUE", "VALUES", "VIEW", "VIEWS", "WHERE", "WORK", "YEAR", "ZONE",
]
FREE = ["id", "sk", "pk", "email", "title", "price", "address", "city", "created", "names1",
        "statuses", "xname", "typed", "count1", "tags", "version", "score"]


@pytest.mark.parametrize("word", RESERVED)
def test_a_reserved_word_is_refused_in_a_projection(table_s, key, word):
    with invalid(
        "Invalid ProjectionExpression: Attribute name is a reserved keyword; "
        f"reserved keyword: {word}"
    ):
        table_s.fetch(key, projection=word)


@pytest.mark.parametrize("word", ["name", "Status", "dATA", "count", "Year", "ttl", "Uuid"])
def test_case_does_not_matter_and_is_kept_in_the_message(table_s, key, word):
    with counted(
        f"Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: {word}"
    ):
        table_s.update(key, f"SET {word} = :v", values={":v": N(1)})
    with counted(
        "Invalid ConditionExpression: Attribute name is a reserved keyword; "
        f"reserved keyword: {word}"
    ):
        table_s.put(key, condition=f"{word} = :v", values={":v": N(1)})
    with invalid(
        f"Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: {word}"
    ):
        table_s.scan(filter=f"attribute_exists({word})")


def test_a_reserved_word_is_refused_inside_a_path(table_s, key):
    with invalid(
        "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name"
    ):
        table_s.fetch(key, projection="a.name")


def test_a_reserved_word_is_refused_in_a_key_condition(table_s, key):
    with invalid(
        "Invalid KeyConditionExpression: Attribute name is a reserved keyword; "
        "reserved keyword: name"
    ):
        table_s.query("name = :v", values={":v": S("x")})


@pytest.mark.parametrize("word", FREE)
def test_other_words_are_free(table_s, key, word):
    table_s.update(key, f"SET {word} = :v", values={":v": N(1)})
    assert table_s.fetch(key, projection=word)["Item"] == {word: N(1)}


def test_items_may_use_reserved_words(table_s, key):
    item = key | {word: N(1) for word in RESERVED} | {word.lower(): N(2) for word in RESERVED}
    table_s.put(item)
    assert table_s.get(key) == item
