"""ExecuteTransaction: many statements, all of them or none."""

import pytest
from botocore.exceptions import ClientError

from partiql import NOT_WELL_FORMED, one, two  # noqa: F401
from support import INVALID, N, S, SS, constraint, invalid, refused, unique

CANCELLED = "TransactionCanceledException"
MISMATCH = "The provided key element does not match the schema"
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}
SELECT_KEY = (
    "Select statements within ExecuteTransaction must specify the primary key in the where clause."
)


def cancelled(statements, *members, **rest):
    """The reasons for which a transaction is cancelled."""
    with pytest.raises(ClientError) as caught:
        statements.transact(*members, **rest)
    answer = caught.value.response
    assert answer["Error"]["Code"] == CANCELLED, answer["Error"]
    reasons = answer["CancellationReasons"]
    codes = ", ".join(reason["Code"] for reason in reasons)
    assert answer["Error"]["Message"].endswith(f"[{codes}]")
    return reasons


def at(index, said):
    return invalid(f"Validation failed in TransactStatements[{index}]: {said}")


class TestReads:
    def test_items_in_the_order_of_the_statements(self, one, two):
        p = unique()
        one.table.put({"p": S(p), "n": N(1)})
        two.table.put({"p": S(p), "c": S("a"), "n": N(2)})
        answer = one.transact(
            two.member("SELECT n FROM {t} WHERE p = ? AND c = ?", S(p), S("a")),
            one.member(f"SELECT * FROM {{t}} WHERE p = '{unique()}'"),
            one.member(f"SELECT * FROM {{t}} WHERE p IN ['{p}']"),
            ReturnConsumedCapacity="TOTAL",
        )
        assert answer["Responses"] == [
            {"Item": {"n": N(2)}}, {}, {"Item": {"p": S(p), "n": N(1)}}
        ]
        assert answer["ConsumedCapacity"] == [
            {"TableName": s.table.name, "CapacityUnits": units, "ReadCapacityUnits": units}
            for s, units in ((two, 2.0), (one, 4.0))
        ]

    @pytest.mark.parametrize(
        "where",
        ["", " WHERE n = 1", " WHERE p = 'x'", " WHERE p = 'x' AND c = 'y' AND n = 1",
         " WHERE p = 'x' AND c = 'y' AND p = 'z'", " WHERE p IN ['z'] AND p = 'x' AND c = 'y'"],
    )
    def test_a_read_names_one_key_and_no_more(self, two, where):
        with at(0, SELECT_KEY):
            two.transact(two.member("SELECT * FROM {t}" + where))

    def test_one_item_is_read_once(self, two):
        first = two.member("SELECT * FROM {t} WHERE p = 'x' AND c = 'y'")
        second = two.member("SELECT n FROM {t} WHERE c = 'y' AND p = 'x'")
        with invalid("Transaction request cannot include multiple operations on one item"):
            two.transact(first, second)
        wrong = two.member("SELECT * FROM {t} WHERE p = 1 AND c = 'y'")
        reasons = cancelled(two, first, second, wrong)
        assert reasons == [NONE, NONE, {"Code": "ValidationError", "Message": MISMATCH}]

    def test_what_is_said_of_one_statement(self, two):
        good = two.member("SELECT * FROM {t} WHERE p = 'x' AND c = 'y'")
        with at(1, "Overlapping conditions with range keys are not supported in where clause"):
            two.transact(good, two.member("SELECT * FROM {t} WHERE p IN ['x', 'x'] AND c = 'y'"))
        with at(1, "Reads on indices are not supported within transactions."):
            two.transact(good, two.member("SELECT * FROM {t}.\"idx\" WHERE p = 'x'"))
        with at(0, NOT_WELL_FORMED + "Unexpected term"):
            two.transact(two.member("SELECT * FROM {t} WHERE"), good)

    def test_tables_that_are_not_there(self, one):
        absent = one.member("SELECT * FROM nowhere.idx WHERE p = 'x'")
        reasons = cancelled(one, one.member("SELECT * FROM {t} WHERE p = 'x'"), absent)
        assert reasons == [
            NONE, {"Code": "ResourceNotFound", "Message": "Requested resource not found"}
        ]
        with at(1, "Reads on indices are not supported within transactions."):
            one.transact(absent, one.member("SELECT * FROM {t}.\"idx\" WHERE p = 'x'"))


class TestWrites:
    def test_all_of_them(self, one, two):
        new, old, gone = unique(), unique(), unique()
        one.table.put({"p": S(old), "n": N(1), "s": SS("a")})
        one.table.put({"p": S(gone)})
        answer = one.transact(
            one.member("INSERT INTO {t} VALUE {'p': ?, 'n': 7}", S(new)),
            one.member(f"UPDATE {{t}} SET n = n + 1 SET s = set_add(s, <<'b'>>) WHERE p = '{old}'"),
            one.member(f"DELETE FROM {{t}} WHERE p = '{gone}' AND attribute_not_exists(n)"),
            two.member(f"INSERT INTO {{t}} VALUE {{'p': '{new}', 'c': 'x'}}"),
            ReturnConsumedCapacity="TOTAL",
        )
        assert answer["Responses"] == []
        assert [c["CapacityUnits"] for c in answer["ConsumedCapacity"]] == [6.0, 2.0]
        assert one.table.get({"p": S(new)})["n"] == N(7)
        assert one.table.get({"p": S(old)})["n"] == N(2)
        assert one.table.get({"p": S(gone)}) is None
        assert two.table.get({"p": S(new), "c": S("x")}) is not None

    def test_none_of_them(self, one):
        new, old = unique(), unique()
        one.table.put({"p": S(old), "n": N(1)})
        insert = one.member(f"INSERT INTO {{t}} VALUE {{'p': '{new}'}}")
        for wrong, reason in [
            (f"INSERT INTO {{t}} VALUE {{'p': '{old}'}}",
             {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}),
            (f"UPDATE {{t}} SET n = 2 WHERE p = '{old}' AND n = 2", FAILED),
            (f"UPDATE {{t}} SET n = 2 WHERE p = '{unique()}'", FAILED),
            (f"DELETE FROM {{t}} WHERE p = '{old}' AND n = 2", FAILED),
            (f"UPDATE {{t}} SET x = absent WHERE p = '{old}'",
             {"Code": "ValidationError", "Message": "The provided expression refers to an attribute "
              "that does not exist in the item"}),
        ]:
            assert cancelled(one, insert, one.member(wrong)) == [NONE, reason]
        assert one.table.get({"p": S(new)}) is None
        assert one.table.get({"p": S(old)}) == {"p": S(old), "n": N(1)}

    def test_a_delete_of_nothing_asks_for_nothing(self, one):
        new, absent = unique(), unique()
        one.transact(
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{new}'}}"),
            one.member(f"DELETE FROM {{t}} WHERE p = '{absent}' AND n = 1"),
        )
        assert one.table.get({"p": S(new)}) is not None

    def test_the_item_that_failed_a_condition(self, one):
        p = unique()
        one.table.put({"p": S(p), "n": N(1)})
        member = one.member(
            f"UPDATE {{t}} SET n = 2 WHERE p = '{p}' AND n = 2",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        assert cancelled(one, member) == [FAILED | {"Item": {"p": S(p), "n": N(1)}}]

    def test_exists_is_a_condition(self, one):
        guard, p = unique(), unique()
        one.table.put({"p": S(guard), "n": N(1)})
        one.table.put({"p": S(p), "n": N(0)})
        update = one.member(f"UPDATE {{t}} SET n = n + 1 WHERE p = '{p}'")
        exists = f"EXISTS(SELECT * FROM {{t}} WHERE p = '{guard}' AND "
        one.transact(one.member(exists + "n = 1)"), update)
        assert cancelled(one, one.member(exists + "n IS MISSING)"), update) == [FAILED, NONE]
        # Of two values for a key the first one counts, and the second can then never hold.
        assert cancelled(one, one.member(exists + "p = 'x' AND n = 1)"), update) == [FAILED, NONE]
        assert one.table.get({"p": S(p)})["n"] == N(1)

    @pytest.mark.parametrize("where", ["p = 'x'", "p IN ['x'] AND n = 1", "n = 1", "p > 'x'"])
    def test_exists_reads_one_item_and_asks_something(self, one, where):
        with at(0, "EXISTS() must contain a single item read with additional condition"):
            one.transact(
                one.member(f"EXISTS(SELECT * FROM {{t}} WHERE {where})"),
                one.member(f"UPDATE {{t}} SET n = 1 WHERE p = '{unique()}'"),
            )

    def test_keys_that_are_none_cancel(self, two):
        update = "UPDATE {t} SET n = 1 WHERE "
        mismatch = {"Code": "ValidationError", "Message": MISMATCH}
        reasons = cancelled(
            two,
            two.member("INSERT INTO {t} VALUE {'p': 'x'}"),
            two.member(update + "p = 'x'"),
            two.member(update + "p IN ['x'] AND c = 'y'"),
            two.member(update + "p = 'x' AND c = 1"),
            two.member(update + "p = 'x' AND c = 'y' AND p = 'z'"),
            two.member("DELETE FROM {t} WHERE p = 'x' AND c = 'y'"),
        )
        missing = {
            "Code": "ValidationError", "Message": INVALID + "Missing the key c in the item"
        }
        assert reasons == [missing, mismatch, mismatch, mismatch, mismatch, NONE]

    def test_one_item_is_written_once(self, one):
        p = unique()
        with invalid("Transaction request cannot include multiple operations on one item"):
            one.transact(
                one.member(f"INSERT INTO {{t}} VALUE {{'p': '{p}'}}"),
                one.member(f"DELETE FROM {{t}} WHERE p = '{p}'"),
            )

    def test_nothing_is_returned(self, one):
        returning = "UPDATE {t} SET n = 1 WHERE p = 'x' RETURNING ALL NEW *"
        with at(0, "RETURNING clause is not supported in ExecuteTransaction."):
            one.transact(one.member(returning))
        elsewhere = one.member(returning.replace("{t}", "nowhere"))
        assert [r["Code"] for r in cancelled(one, elsewhere)] == ["ResourceNotFound"]
        with at(1, "RETURNING clause is not supported in ExecuteTransaction."):
            one.transact(elsewhere, one.member(returning))


class TestRefusals:
    def test_reads_and_writes_do_not_mix(self, one):
        select = one.member("SELECT * FROM {t} WHERE p = 'x'")
        for write in ["DELETE FROM {t} WHERE p = 'y'",
                      "EXISTS(SELECT * FROM {t} WHERE p = 'y' AND n = 1)"]:
            with invalid(
                "ExecuteTransaction API does not support both read and write operations in the same "
                "request."
            ):
                one.transact(select, one.member(write))

    def test_the_number_of_statements(self, one):
        run = unique()
        members = [
            one.member(f"INSERT INTO {{t}} VALUE {{'p': '{run}-{i}'}}") for i in range(101)
        ]
        one.transact(*members[:100])
        with constraint(
            "[...]", "transactStatements", "Member must have length less than or equal to 100"
        ):
            one.transact(*members)
        with constraint(
            "[]", "transactStatements", "Member must have length greater than or equal to 1"
        ):
            one.transact()

    def test_parameters_are_looked_at_first(self, one):
        with invalid(INVALID + "Input collection [a, a] contains duplicates."):
            one.transact(
                one.member("SLECT"),
                one.member("UPDATE {t} SET s = ? WHERE p = 'x'", SS("a", "a")),
            )

    def test_other_mistakes_of_one_statement(self, one):
        with at(0, "Incorrect operand type for operator or function; operator or function: +, "
                "operand type: L"):
            one.transact(one.member("UPDATE {t} SET n = n + [1] WHERE p = 'x'"))
        with at(1, "Number of parameters in request and statement don't match."):
            one.transact(
                one.member("DELETE FROM {t} WHERE p = 'x'"),
                one.member("DELETE FROM {t} WHERE p = ?"),
            )


class TestTokens:
    def test_a_request_takes_effect_once(self, one):
        p, token = unique(), unique()
        one.table.put({"p": S(p), "n": N(0)})
        member = one.member("UPDATE {t} SET n = n + ? WHERE p = ?", N(1), S(p))
        told = {"ClientRequestToken": token, "ReturnConsumedCapacity": "TOTAL"}
        first = one.transact(member, **told)
        again = one.transact(member, **told)
        assert one.table.get({"p": S(p)})["n"] == N(1)
        assert first["ConsumedCapacity"][0]["WriteCapacityUnits"] == 2.0
        assert again["ConsumedCapacity"][0]["ReadCapacityUnits"] == 2.0
        assert again["Responses"] == []
        with refused("IdempotentParameterMismatchException"):
            one.transact(
                one.member("UPDATE {t} SET n = n + ? WHERE p = ?", N(2), S(p)),
                ClientRequestToken=token,
            )
        one.transact(member, ClientRequestToken=unique())
        assert one.table.get({"p": S(p)})["n"] == N(2)

    def test_a_request_again_costs_the_reading_of_what_it_removed(self, one):
        p = unique()
        one.table.put({"p": S(p), "x": S("x" * 9000)})
        member = one.member("DELETE FROM {t} WHERE p = ?", S(p))
        told = {"ClientRequestToken": unique(), "ReturnConsumedCapacity": "TOTAL"}
        first, again = (one.transact(member, **told)["ConsumedCapacity"][0] for _ in range(2))
        assert first["WriteCapacityUnits"] == 18.0
        assert again["ReadCapacityUnits"] == 6.0

    def test_tokens_of_other_operations_are_others(self, one):
        p, token = unique(), unique()
        put = {"Put": {"TableName": one.table.name, "Item": {"p": S(p), "n": N(0)}}}
        one.client.transact_write_items(TransactItems=[put], ClientRequestToken=token)
        one.transact(
            one.member(f"UPDATE {{t}} SET n = 1 WHERE p = '{p}'"), ClientRequestToken=token
        )
        assert one.table.get({"p": S(p)})["n"] == N(1)

    def test_the_length_of_a_token(self, one):
        member = one.member("DELETE FROM {t} WHERE p = 'x'")
        with constraint(
            "x" * 37, "clientRequestToken", "Member must have length less than or equal to 36"
        ):
            one.transact(member, ClientRequestToken="x" * 37)
