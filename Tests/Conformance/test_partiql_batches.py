"""BatchExecuteStatement: many statements, each by itself."""

import pytest

from partiql import INCOMPLETE, NOT_WELL_FORMED, one, two  # noqa: F401
from support import INVALID, N, NULL, S, SS, constraint, invalid, refused, unique

SELECT_KEY = (
    "Select statements within BatchExecuteStatement must specify the primary key in the where "
    "clause."
)


def error(response):
    return response["Error"]["Code"], response["Error"]["Message"]


class TestReads:
    def test_items_in_the_order_of_the_statements(self, two):
        p = unique()
        for c in "abd":
            two.table.put({"p": S(p), "c": S(c), "n": N(1)})
        answer = two.batch(
            two.member("SELECT * FROM {t} WHERE p = ? AND c = ?", S(p), S("b")),
            two.member(f"SELECT n FROM {{t}} WHERE c = 'a' AND p = '{p}'"),
            two.member(f"SELECT * FROM {{t}} WHERE p = '{p}' AND c = 'z'"),
            two.member(f"SELECT c FROM {{t}} WHERE p IN ['{p}'] AND c IN ['d']"),
        )
        name = two.table.name
        assert answer["Responses"] == [
            {"TableName": name, "Item": {"p": S(p), "c": S("b"), "n": N(1)}},
            {"TableName": name, "Item": {"n": N(1)}},
            {"TableName": name},
            {"TableName": name, "Item": {"c": S("d")}},
        ]

    @pytest.mark.parametrize(
        "where",
        ["", " WHERE n = 1", " WHERE p = 'x'", " WHERE p = 'x' AND c > 'y'",
         " WHERE p = 'x' AND c = 'y' AND n = 1", " WHERE p = 'x' AND c = 'y' AND p = 'z'",
         " WHERE p IN ['x', 'y'] AND c = 'z'"],
    )
    def test_a_read_names_one_key_and_no_more(self, two, where):
        p = unique()
        two.table.put({"p": S(p), "c": S("y")})
        answer = two.batch(
            two.member("SELECT * FROM {t}" + where),
            two.member(f"SELECT * FROM {{t}} WHERE p = '{p}' AND c = 'y'"),
        )["Responses"]
        assert error(answer[0]) == ("ValidationError", SELECT_KEY)
        assert "TableName" not in answer[0]
        assert answer[1]["Item"]["p"] == S(p)

    def test_an_index_is_not_read(self, two):
        answer = two.batch(two.member("SELECT * FROM {t}.\"idx\" WHERE p = 'x' AND c = 'y'"))
        assert error(answer["Responses"][0]) == ("ValidationError", SELECT_KEY)

    def test_each_read_is_as_consistent_as_it_asks(self, one):
        def units(*consistent):
            answer = one.batch(
                *(one.member("SELECT * FROM {t} WHERE p = ?", S(unique()), ConsistentRead=c)
                  for c in consistent),
                ReturnConsumedCapacity="TOTAL",
            )
            (used,) = answer["ConsumedCapacity"]
            assert used["TableName"] == one.table.name
            return used["CapacityUnits"]

        assert units(False) == 0.5
        assert units(True) == 1.0
        assert units(True, False, False) == 2.0


class TestWrites:
    def test_each_stands_alone(self, one):
        new, old, other, absent, nothing = (unique() for _ in range(5))
        for p in (old, other):
            one.table.put({"p": S(p), "n": N(1)})
        answer = one.batch(
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{new}'}}"),
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{old}'}}"),
            one.member(f"UPDATE {{t}} SET n = 2 WHERE p = '{other}' AND n = 7"),
            one.member(f"UPDATE {{t}} SET n = 2 WHERE p = '{absent}'"),
            one.member(f"DELETE FROM {{t}} WHERE p = '{nothing}'"),
        )["Responses"]
        name = one.table.name
        assert answer[0] == {"TableName": name}
        assert error(answer[1]) == ("DuplicateItem", "Duplicate primary key exists in table")
        failed = ("ConditionalCheckFailed", "The conditional request failed")
        assert error(answer[2]) == failed and error(answer[3]) == failed
        assert all(part["TableName"] == name for part in answer)
        assert one.table.get({"p": S(absent)}) is None
        answer = one.batch(
            one.member(f"UPDATE {{t}} SET n = n + 1 WHERE p = '{old}'"),
            one.member(f"UPDATE {{t}} SET n = n + 1 WHERE p = '{other}' RETURNING ALL NEW *"),
        )["Responses"]
        assert answer[0] == {"TableName": name}
        assert answer[1] == {"TableName": name, "Item": {"p": S(other), "n": N(2)}}
        assert one.table.get({"p": S(old)})["n"] == N(2)

    def test_returning(self, one):
        keys = [unique() for _ in range(4)]
        for p in keys:
            one.table.put({"p": S(p), "n": N(1), "m": N(5)})
        set_, remove, delete, gone = (f"WHERE p = '{p}' RETURNING" for p in keys)
        answer = one.batch(
            one.member(f"UPDATE {{t}} SET n = 2 {set_} MODIFIED NEW *"),
            one.member(f"UPDATE {{t}} REMOVE m {remove} MODIFIED NEW *"),
            one.member(f"DELETE FROM {{t}} {delete} MODIFIED OLD *"),
            one.member(f"DELETE FROM {{t}} {gone} ALL OLD *"),
        )["Responses"]
        assert answer[0]["Item"] == {"n": N(2)}
        assert answer[1] == {"TableName": one.table.name}
        assert error(answer[2]) == (
            "ValidationError", "Invalid returning clause: RETURNING MODIFIED OLD *. "
            "Only RETURNING ALL OLD * is allowed in DELETE statements.",
        )
        assert answer[3]["Item"] == {"p": S(keys[3]), "n": N(1), "m": N(5)}

    def test_the_item_that_failed_a_condition(self, one):
        keys = [unique(), unique()]
        for p in keys:
            one.table.put({"p": S(p), "n": N(1)})
        first, second = (f"DELETE FROM {{t}} WHERE p = '{p}' AND n = 2" for p in keys)
        shown, hidden = one.batch(
            one.member(first, ReturnValuesOnConditionCheckFailure="ALL_OLD"), one.member(second)
        )["Responses"]
        assert shown["Error"]["Item"] == {"p": S(keys[0]), "n": N(1)}
        assert "Item" not in shown and "Item" not in hidden["Error"]

    def test_what_a_write_gets_wrong_before_and_after_it_knows_its_table(self, two):
        p = unique()
        two.table.put({"p": S(p), "c": S("a")})
        answer = two.batch(
            two.member(f"DELETE FROM {{t}} WHERE p = '{p}'"),
            two.member(f"UPDATE {{t}} SET x = absent WHERE p = '{p}' AND c = 'a'"),
            two.member(f"DELETE FROM nowhere WHERE p = '{p}'"),
            two.member("SLECT * FROM {t}"),
            two.member("INSERT INTO {t} VALUE {'p': ?, 'c': 'b', 's': ?}", S(p), SS("a", "a")),
            two.member("INSERT INTO {t} VALUE {'p': ?, 'c': 'b'}", {"NULL": False}),
            two.member(f"EXISTS(SELECT * FROM {{t}} WHERE p = '{p}' AND c = 'a' AND n = 1)"),
            two.member(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'c': 'b', 'nil': ?}}", NULL),
        )["Responses"]
        assert error(answer[0]) == ("ValidationError", INCOMPLETE)
        assert error(answer[1]) == (
            "ValidationError", "The provided expression refers to an attribute that does not exist "
            "in the item",
        )
        assert error(answer[2]) == ("ResourceNotFound", "Requested resource not found")
        assert error(answer[3]) == (
            "ValidationError", NOT_WELL_FORMED + "Expected data manipulation"
        )
        assert error(answer[4]) == (
            "ValidationError", INVALID + "Input collection [a, a] contains duplicates."
        )
        assert error(answer[5])[0] == "ValidationError"
        assert error(answer[6]) == (
            "ValidationError", "EXISTS can only be used in ExecuteTransaction write requests."
        )
        assert ["TableName" in part for part in answer] == [
            False, True, False, False, False, False, False, True
        ]
        assert "Error" not in answer[7]

    def test_capacity_by_table(self, one, two):
        p = unique()
        answer = one.batch(
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{p}'}}"),
            two.member(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'c': 'a'}}"),
            one.member(f"DELETE FROM {{t}} WHERE p = '{unique()}'"),
            ReturnConsumedCapacity="INDEXES",
        )
        assert answer["ConsumedCapacity"] == [
            {"TableName": s.table.name, "CapacityUnits": units, "Table": {"CapacityUnits": units}}
            for s, units in ((one, 2.0), (two, 1.0))
        ]

    def test_refused_writes_count_in_the_total_alone(self, one, two):
        a, b, c = unique(), unique(), unique()
        one.table.put({"p": S(a), "x": S("x" * 3000)})
        one.table.put({"p": S(b)})
        two.table.put({"p": S(a), "c": S("a")})
        answer = one.batch(
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{a}'}}"),
            one.member(f"UPDATE {{t}} SET n = 1 WHERE p = '{b}' AND n = 0"),
            one.member("INSERT INTO {t} VALUE {'p': 1}"),
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{c}'}}"),
            two.member(f"INSERT INTO {{t}} VALUE {{'p': '{a}', 'c': 'a'}}"),
            ReturnConsumedCapacity="INDEXES",
        )
        codes = [part.get("Error", {}).get("Code") for part in answer["Responses"]]
        assert codes == [
            "DuplicateItem", "ConditionalCheckFailed", "ValidationError", None, "DuplicateItem"
        ]
        assert answer["ConsumedCapacity"] == [{
            "TableName": one.table.name,
            "CapacityUnits": 3.0 + 1.0 + 1.0,
            "Table": {"CapacityUnits": 1.0},
        }]

    def test_an_item_that_is_not_inserted_counts_too(self, one):
        p = unique()
        one.table.put({"p": S(p)})
        answer = one.batch(
            one.member("INSERT INTO {t} VALUE {'p': ?, 'x': ?}", S(p), S("x" * 3000)),
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{unique()}'}}"),
            ReturnConsumedCapacity="TOTAL",
        )
        (used,) = answer["ConsumedCapacity"]
        assert used["CapacityUnits"] == 3.0 + 1.0


class TestRefusals:
    def test_reads_and_writes_do_not_mix(self, one):
        with invalid("Read and write requests together in the same batch is not supported."):
            one.batch(
                one.member("SELECT * FROM {t} WHERE p = 'x'"),
                one.member("DELETE FROM {t} WHERE p = 'x'"),
            )

    @pytest.mark.parametrize(
        "first, second",
        [("SELECT * FROM {t} WHERE p = 'x'", "SELECT n FROM {t} WHERE p IN ['x']"),
         ("INSERT INTO {t} VALUE {'p': 'x'}", "INSERT INTO {t} VALUE {'p': 'x', 'n': 1}"),
         ("UPDATE {t} SET n = 1 WHERE p = 'x'", "DELETE FROM {t} WHERE p = 'x' AND n = 2")],
    )
    def test_two_statements_about_one_item(self, one, first, second):
        with invalid("Provided list of item keys contains duplicates"):
            one.batch(one.member(first), one.member(second))
        assert one.table.get({"p": S("x")}) is None

    def test_the_number_of_statements(self, one):
        member = one.member("SELECT * FROM {t} WHERE p = 'x'")
        some = [one.member(f"SELECT * FROM {{t}} WHERE p = 'x{n}'") for n in range(25)]
        assert len(one.batch(*some)["Responses"]) == 25
        with constraint("[...]", "statements", "Member must have length less than or equal to 25"):
            one.batch(*[member] * 26)
        with constraint("[]", "statements", "Member must have length greater than or equal to 1"):
            one.batch()
        with constraint(None, "statements", "Member must not be null"):
            one.client.batch_execute_statement()

    def test_members_are_checked_by_their_place(self, one):
        good = one.member("SELECT * FROM {t} WHERE p = 'x'")
        with constraint(None, "statements.2.member.statement", "Member must not be null"):
            one.batch(good, {})
        with refused("SerializationException"):
            one.batch(good | {"Parameters": [{"S": 1}]})
