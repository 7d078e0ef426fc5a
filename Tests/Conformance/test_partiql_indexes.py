"""SELECT from `"table"."index"`."""

import pytest

from partiql import Statements
from support import INVALID, N, S, VALIDATION, invalid, refused, unique

MULTI = (
    "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or "
    "multi-attribute RANGE keys."
)


def key(*names):
    """A key schema: the first name is the partition key."""
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))
    ]


def index(name, schema, projection="ALL", *included):
    shown = {"ProjectionType": projection}
    if included:
        shown["NonKeyAttributes"] = list(included)
    return {"IndexName": name, "KeySchema": schema, "Projection": shown}


@pytest.fixture(scope="module")
def indexed(shared):
    """A table of five items, four of them in the indexes, with `seen` in some and `hidden` in none."""
    table = shared.create(
        "S",
        "S",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in {"p": "S", "c": "S", "g": "S", "h": "S", "r": "N"}.items()
        ],
        GlobalSecondaryIndexes=[
            index("g-all", key("g", "r")),
            index("g-keys", key("g"), "KEYS_ONLY"),
            index("g-some", key("g", "r"), "INCLUDE", "seen"),
            index("g-two", [
                {"AttributeName": "g", "KeyType": "HASH"},
                {"AttributeName": "h", "KeyType": "HASH"},
                {"AttributeName": "r", "KeyType": "RANGE"},
            ]),
        ],
        LocalSecondaryIndexes=[
            index("l-all", key("p", "r")),
            index("l-keys", key("p", "r"), "KEYS_ONLY"),
            index("l-some", key("p", "r"), "INCLUDE", "seen"),
        ],
    )
    for c, g, r in [("a", "x", 4), ("b", "x", 3), ("c", "y", 2), ("d", "x", 1), ("e", None, None)]:
        item = {"p": S("one"), "c": S(c), "seen": S("s" + c), "hidden": S("h" + c)}
        if g:
            item |= {"g": S(g), "h": S(g), "r": N(r)}
        table.put(item)
    return Statements(table)


def c(statements, text, *parameters, **rest):
    return "".join(statements.values("c", text, *parameters, **rest))


class TestReading:
    @pytest.mark.parametrize(
        "source, where, found",
        [
            ("g-all", "g = 'x'", "dba"),
            ("g-all", "g = 'x' AND r > 1", "ba"),
            ("g-all", "g = 'x' AND r BETWEEN 1 AND 3", "db"),
            ("g-all", "g = 'x' AND r IN [1, 4]", "da"),
            ("g-all", "g IN ['y', 'x']", "dbac"),
            ("g-all", "g = 'x' AND hidden = 'ha'", "a"),
            ("g-all", "g = 'x' ORDER BY r DESC", "abd"),
            ("g-all", "g = 'x' ORDER BY r", "dba"),
            ("g-all", "p = 'one' AND r < 3 AND g <> 'y'", "d"),
            ("g-keys", "g = 'y'", "c"),
            ("l-all", "p = 'one'", "dcba"),
            ("l-all", "p = 'one' AND r <= 2", "dc"),
            ("l-all", "p = 'one' AND r = 3", "b"),
            ("l-keys", "p = 'one' ORDER BY r DESC", "abcd"),
        ],
    )
    def test_conditions(self, indexed, source, where, found):
        text = f"SELECT c FROM {{t}}.\"{source}\" WHERE {where}"
        assert c(indexed, text) == found
        assert c(indexed, text, Limit=1) == found

    def test_a_whole_index(self, indexed):
        for source in ["g-all", "g-keys", "l-all", "l-some"]:
            assert sorted(c(indexed, f"SELECT c FROM {{t}}.\"{source}\"", Limit=2)) == list("abcd")

    @pytest.mark.parametrize(
        "source, attributes",
        [
            ("g-all", {"p", "c", "g", "h", "r", "seen", "hidden"}),
            ("g-keys", {"p", "c", "g"}),
            ("g-some", {"p", "c", "g", "r", "seen"}),
            ("l-all", {"p", "c", "g", "h", "r", "seen", "hidden"}),
            ("l-keys", {"p", "c", "r"}),
            ("l-some", {"p", "c", "r", "seen"}),
        ],
    )
    def test_a_star_is_what_the_index_holds(self, indexed, source, attributes):
        partition = "g = 'x'" if source.startswith("g") else "p = 'one'"
        for where in ["", f" WHERE {partition}"]:
            items = indexed.items(f"SELECT * FROM {{t}}.\"{source}\"" + where)
            assert items and all(set(item) == attributes for item in items)

    def test_a_local_index_has_the_rest_fetched(self, indexed):
        items = indexed.items("SELECT hidden FROM {t}.\"l-keys\" WHERE p = 'one' AND r > 2")
        assert items == [{"hidden": S("hb")}, {"hidden": S("ha")}]

    def test_pages_know_where_they_are(self, indexed):
        text = "SELECT c FROM {t}.\"g-all\" WHERE g = 'x'"
        page = indexed.run(text, Limit=2)
        assert page["LastEvaluatedKey"] == {"g": S("x"), "r": N(3), "p": S("one"), "c": S("b")}
        with invalid("NextToken does not match request"):
            indexed.run(text.replace("g-all", "g-some"), NextToken=page["NextToken"])
        rest = indexed.run(text, NextToken=page["NextToken"])
        assert [i["c"] for i in rest["Items"]] == [S("a")]


class TestFilters:
    @pytest.mark.parametrize(
        "source, where, names",
        [
            ("g-some", "g = 'x' AND hidden = 'ha'", "hidden"),
            ("g-some", "g = 'x' AND NOT hidden = 'ha'", "hidden"),
            ("g-some", "g = 'x' AND (hidden = 'ha' OR seen = 'sb')", "hidden"),
            ("g-some", "g IN ['x', 'y'] AND hidden IS NOT MISSING", "hidden"),
            ("g-some", "g = 'x' AND begins_with(hidden, 'h')", "hidden"),
            ("l-some", "p = 'one' AND hidden = 'ha'", "hidden"),
            ("l-some", "p = 'one' AND r BETWEEN 1 AND 2 AND hidden = 'ha'", "hidden"),
            # In the order of the service's hash table.
            ("g-some", "g = 'x' AND b = '1' AND (a = '2' OR seen = 'sb')", "a, b"),
            ("g-some", "g = 'x' AND (zz = '1' OR aa = '2' OR mm = '3')", "zz, aa, mm"),
        ],
    )
    def test_a_query_filters_by_what_the_index_holds(self, indexed, source, where, names):
        with invalid(
            f"{INVALID}Secondary index {source} does not project one or more filter attributes: "
            f"[{names}]"
        ):
            indexed.run(f"SELECT c FROM {{t}}.\"{source}\" WHERE {where}")

    @pytest.mark.parametrize(
        "source, where, found",
        [
            ("g-some", "hidden = 'ha'", ""),
            ("l-some", "hidden = 'ha'", ""),
            ("g-keys", "NOT hidden = 'ha'", "abcd"),
            ("l-keys", "hidden IS MISSING", "abcd"),
            ("g-some", "seen = 'sa'", "a"),
            ("g-some", "(g = 'x' AND hidden = 'ha') OR g = 'y'", "c"),
        ],
    )
    def test_a_scan_sees_nothing_else(self, indexed, source, where, found):
        text = f"SELECT c FROM {{t}}.\"{source}\" WHERE {where}"
        assert "".join(sorted(c(indexed, text))) == found


class TestCapacity:
    def used(self, indexed, text, **rest):
        return indexed.run(text, ReturnConsumedCapacity="INDEXES", **rest)["ConsumedCapacity"]

    def test_it_is_the_indexs(self, indexed):
        used = self.used(indexed, "SELECT * FROM {t}.\"g-keys\" WHERE g = 'x'")
        assert used["CapacityUnits"] == 0.5
        assert used["Table"]["CapacityUnits"] == 0.0
        assert used["GlobalSecondaryIndexes"] == {"g-keys": {"CapacityUnits": 0.5}}

    def test_fetching_is_the_tables(self, indexed):
        text = "SELECT hidden FROM {t}.\"l-keys\" WHERE p = 'one'"
        eventual, consistent = self.used(indexed, text), self.used(
            indexed, text, ConsistentRead=True
        )
        assert eventual["Table"]["CapacityUnits"] == 2.0
        assert eventual["LocalSecondaryIndexes"] == {"l-keys": {"CapacityUnits": 0.5}}
        assert consistent["CapacityUnits"] == 2 * eventual["CapacityUnits"]

    def test_parts_add_up(self, indexed):
        used = self.used(indexed, "SELECT c FROM {t}.\"g-all\" WHERE g IN ['x', 'y', 'z']")
        assert used["GlobalSecondaryIndexes"] == {"g-all": {"CapacityUnits": 1.5}}


class TestRefusals:
    def test_what_a_global_index_does_not_hold(self, indexed):
        said = f"{INVALID}Global secondary index g-some does not project "
        for where in ["", " WHERE g = 'x'"]:
            with invalid(said + "[hidden, other]"):
                indexed.run("SELECT hidden, c, other FROM {t}.\"g-some\"" + where)

    def test_a_consistent_read_of_a_global_index(self, indexed):
        with invalid("Strongly consistent read is not supported on Global Secondary Indexes"):
            indexed.run("SELECT * FROM {t}.\"g-all\" WHERE g = 'x'", ConsistentRead=True)
        indexed.run("SELECT * FROM {t}.\"l-all\" WHERE p = 'one'", ConsistentRead=True)

    def test_an_index_that_is_not_there(self, indexed):
        for name in ["no-such-index", indexed.table.name]:
            with invalid("The table does not have the specified index"):
                indexed.run(f"SELECT * FROM {{t}}.\"{name}\" WHERE p = 'one'")

    @pytest.mark.parametrize(
        "rest", ["", " WHERE g = 'x'", " WHERE g = 5", " WHERE g = 'x' AND h = 'x' ORDER BY r"]
    )
    def test_an_index_whose_key_has_many_attributes(self, indexed, rest):
        with invalid(MULTI):
            indexed.run("SELECT * FROM {t}.\"g-two\"" + rest)

    def test_other_key_types(self, indexed):
        said = "Key attribute's data type should match its data type in table's schema: Key "
        with invalid(said + "g"):
            indexed.run("SELECT * FROM {t}.\"g-all\" WHERE g = 1")
        with invalid(said + "r"):
            indexed.run("SELECT * FROM {t}.\"g-all\" WHERE g = 'x' AND r > 'y'")

    def test_batches_and_transactions_read_by_the_tables_key(self, indexed):
        where = " WHERE p = 'one' AND c = 'a'"
        plain, two = (
            indexed.batch(indexed.member(f"SELECT * FROM {{t}}.\"{name}\"{where}"))["Responses"][0]
            for name in ("g-all", "g-two")
        )
        assert plain["Error"]["Message"] == (
            "Select statements within BatchExecuteStatement must specify the primary key in the "
            "where clause."
        )
        assert two["Error"]["Message"] == MULTI
        with invalid(
            "Validation failed in TransactStatements[0]: "
            "Reads on indices are not supported within transactions."
        ):
            indexed.transact(indexed.member(f"SELECT * FROM {{t}}.\"g-all\"{where}"))

    def test_writes_name_the_table(self, indexed):
        for text in ["UPDATE {t}.\"g-all\" SET n = 1 WHERE p = 'one' AND c = 'a'",
                     "DELETE FROM {t}.\"g-all\" WHERE p = 'one' AND c = 'a'"]:
            with invalid("This operation is not supported on an index"):
                indexed.run(text)
        with invalid("FROM clause may only contain a single table name"):
            indexed.run("INSERT INTO {t}.\"g-all\" VALUE {'p': 'one', 'c': 'z'}")


class TestWrites:
    def test_indexes_follow_statements(self, indexed):
        p, g = unique(), unique()
        query = f"SELECT r FROM {{t}}.\"g-all\" WHERE g = '{g}'"
        indexed.run(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'c': 'a', 'g': '{g}', 'h': 'x', 'r': 1}}")
        assert indexed.values("r", query) == ["1"]
        indexed.run(f"UPDATE {{t}} SET r = r + 1 WHERE p = '{p}' AND c = 'a'")
        assert indexed.values("r", query) == ["2"]
        indexed.run(f"UPDATE {{t}} REMOVE r WHERE p = '{p}' AND c = 'a'")
        assert indexed.values("r", query) == []
        indexed.transact(
            indexed.member(f"UPDATE {{t}} SET r = 7 WHERE p = '{p}' AND c = 'a'"),
            indexed.member(
                f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'c': 'b', 'g': '{g}', 'h': 'x', 'r': 8}}"
            ),
        )
        assert indexed.values("r", query) == ["7", "8"]
        indexed.batch(
            indexed.member(f"DELETE FROM {{t}} WHERE p = '{p}' AND c = 'a'"),
            indexed.member(f"DELETE FROM {{t}} WHERE p = '{p}' AND c = 'b'"),
        )
        assert indexed.values("r", query) == []

    def test_index_keys_have_their_types(self, indexed):
        p = unique()
        insert = f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'c': 'a', 'g': 'x', 'r': 'not a number'}}"
        with refused(VALIDATION, contains="Type mismatch for Index Key r"):
            indexed.run(insert)
        with refused("TransactionCanceledException", contains="[ValidationError]"):
            indexed.transact(indexed.member(insert))
        assert indexed.table.get({"p": S(p), "c": S("a")}) is None
