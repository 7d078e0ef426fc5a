"""ExecuteStatement: SELECT."""

import pytest

from partiql import Statements, one, part, ranks, two  # noqa: F401
from support import (
    B,
    BOOL,
    BS,
    L,
    M,
    N,
    NS,
    NULL,
    S,
    SS,
    VALIDATION,
    constraint,
    invalid,
    normal,
    refused,
    unique,
)

OVERLAP = "Overlapping conditions with range keys are not supported in where clause"
TOO_MANY = "Too many decomposed read operations for a given query."


class TestSelect:
    def test_a_whole_item_by_its_key(self, two, part):
        found = two.items(f"SELECT * FROM {{t}} WHERE p = '{part}' AND c = 'b'")
        assert normal(found) == normal([two.table.get({"p": S(part), "c": S("b")})])

    def test_nothing_found_is_an_empty_list(self, two):
        assert two.run(f"SELECT * FROM {{t}} WHERE p = '{unique()}'")["Items"] == []

    @pytest.mark.parametrize(
        "where, found",
        [
            ("c = 'b'", "b"),
            ("'b' = c", "b"),
            ("c < 'b'", "a"),
            ("c <= 'b'", "ab"),
            ("c > 'b'", "cd"),
            ("'b' < c", "cd"),
            ("c >= 'b'", "bcd"),
            ("c BETWEEN 'b' AND 'c'", "bc"),
            ("begins_with(c, 'd')", "d"),
            ("c <> 'b'", "acd"),
            ("c != 'b'", "acd"),
            ("NOT c = 'b'", "acd"),
            ("c IN ['a', 'd', 'z']", "ad"),
            ("c IN ('a', 'd')", "ad"),
            ("c NOT IN ['a', 'd']", "bc"),
            ("c NOT BETWEEN 'b' AND 'c'", "ad"),
            ("(c = 'a' OR c = 'c')", "ac"),
            ("(c < 'b' OR c > 'c')", "ad"),
            ("c > 'a' AND c < 'd'", "bc"),
            ("n = 2", "b"),
            ("n > 2 AND n <= 4", "cd"),
            ("n IN [1, 4, 9]", "ad"),
            ("n BETWEEN 2 AND 3", "bc"),
            ("(n = 1 OR n = 4)", "ad"),
            ("NOT (n = 1 OR n = 4)", "bc"),
            ("contains(tags, 'c')", "c"),
            ("contains(\"tags\", 'all')", "abcd"),
            ("size(tags) = 2", "abcd"),
            ("size(tags) > 2", ""),
            ("m.deep[0] = 3", "c"),
            ("\"m\".\"deep\"[0] >= 3", "cd"),
            ("attribute_type(n, 'N')", "abcd"),
            ("attribute_type(n, 'S')", ""),
            ("attribute_exists(m.deep)", "abcd"),
            ("attribute_not_exists(m.deep)", ""),
            ("absent IS MISSING", "abcd"),
            ("n IS NOT MISSING", "abcd"),
            ("n IS MISSING", ""),
            ("n IS NUMERIC", "abcd"),
            ("n IS STRING", ""),
            ("m IS STRUCT AND m.deep IS LIST", "abcd"),
        ],
    )
    def test_conditions(self, two, part, where, found):
        statement = f"SELECT c FROM {{t}} WHERE p = '{part}' AND {where}"
        assert "".join(two.values("c", statement)) == found

    def test_null_and_missing_are_not_the_same(self, one):
        p = unique()
        one.table.put({"p": S(p), "nil": NULL, "yes": BOOL(True)})
        where = f"SELECT p FROM {{t}} WHERE p = '{p}' AND "
        assert len(one.items(where + "nil IS NULL")) == 1
        assert len(one.items(where + "nil IS NOT MISSING")) == 1
        assert one.items(where + "nil IS NOT NULL") == []
        assert one.items(where + "absent IS NULL") == []
        assert len(one.items(where + "absent IS NOT NULL")) == 1
        assert len(one.items(where + "nil = NULL")) == 1
        assert len(one.items(where + "yes = TRUE")) == 1
        assert len(one.items(where + "yes IS BOOL")) == 1

    @pytest.mark.parametrize(
        "where, holds",
        [
            ("attribute_exists(n) = true", True),
            ("true = attribute_exists(n)", True),
            ("attribute_exists(nope) = false", True),
            ("attribute_exists(n) <> 1", True),
            ("attribute_exists(n) = 1", False),
            ("NOT attribute_exists(n) = true", False),
            ("(n = 5 OR n = 6) = false", True),
            ("(n BETWEEN 0 AND 5) = true", True),
            ("attribute_exists(nope) IN [true, false]", True),
            ("attribute_exists(n) = attribute_exists(p)", True),
            ("(attribute_exists(n) = true) = false", False),
        ],
    )
    def test_a_condition_is_a_boolean(self, one, where, holds):
        p = unique()
        one.table.put({"p": S(p), "n": N(1)})
        found = one.items(f"SELECT p FROM {{t}} WHERE p = '{p}' AND {where}")
        assert len(found) == (1 if holds else 0)

    def test_keywords_and_functions_in_any_case(self, two, part):
        assert two.values(
            "c", f"select c From {{t}} wHERE p = '{part}' and BEGINS_WITH(c, 'a') Or p='{part}' AND c='d'"
        ) == ["a", "d"]

    def test_comments_and_a_semicolon(self, two, part):
        text = f"-- all\nSELECT/**/c FROM {{t}} /* of one */ WHERE p = '{part}' -- end\n; -- really"
        assert two.values("c", text) == list("abcd")

    def test_quotes_are_doubled(self, one):
        p = unique("it's ")
        one.run("INSERT INTO {t} VALUE {'p': ?, 'say \"x\"': 'it''s'}", S(p))
        doubled = p.replace("'", "''")
        assert one.items(f"SELECT \"say \"\"x\"\"\" FROM {{t}} WHERE p = '{doubled}'") == [
            {'say "x"': S("it's")}
        ]

    def test_parameters_stand_in_order(self, two, part):
        found = two.values(
            "c", "SELECT c FROM {t} WHERE p = ? AND n > ? AND n <= ?", S(part), N(1), N(3)
        )
        assert found == ["b", "c"]

    @pytest.mark.parametrize(
        "value", [S("x"), N("1.5"), B(b"\x00\x01"), BOOL(True), NULL, L(S("a"), N(1)), M(k=S("v")),
                  SS("a", "b"), NS(1, 2), BS(b"a", b"b")],
        ids=lambda value: next(iter(value)),
    )
    def test_every_type_as_a_parameter(self, one, value):
        p = unique()
        one.run("INSERT INTO {t} VALUE {'p': ?, 'v': ?}", S(p), value)
        assert normal(one.table.get({"p": S(p)})["v"]) == normal(value)
        assert len(one.items("SELECT p FROM {t} WHERE p = ? AND v = ?", S(p), value)) == 1
        assert one.items("SELECT p FROM {t} WHERE p = ? AND v <> ?", S(p), value) == []

    def test_too_few_parameters(self, one):
        with invalid("Number of parameters in request and statement don't match."):
            one.run("SELECT * FROM {t} WHERE p = ? AND a = ?", S("x"))
        with invalid("Number of parameters in request and statement don't match."):
            one.run("SELECT * FROM {t} WHERE p = ?")

    def test_columns_have_the_last_name_of_their_path(self, two, part):
        where = f" FROM {{t}} WHERE p = '{part}' AND c = 'b'"
        assert two.items("SELECT n, c" + where) == [{"c": S("b"), "n": N(2)}]
        assert two.items("SELECT m.deep" + where) == [{"deep": L(N(2))}]
        assert two.items("SELECT m.deep[0]" + where) == [{"deep[0]": N(2)}]
        assert two.items("SELECT m.deep[-0], n" + where) == [{"deep[0]": N(2), "n": N(2)}]
        assert two.items("SELECT absent" + where) == [{}]

    def test_a_scan_where_no_partition_is_named(self, tables):
        table = Statements(tables.create("S", "N"))
        table.table.fill([{"p": S(f"p{i % 3}"), "c": N(i), "v": N(i * i)} for i in range(12)])
        assert len(table.items("SELECT * FROM {t}")) == 12
        assert sorted(map(int, table.values("c", "SELECT c FROM {t} WHERE v > 99"))) == [10, 11]
        assert sorted(table.values("c", "SELECT c FROM {t} WHERE c = 3")) == ["3"]
        assert len(table.items("SELECT c FROM {t} WHERE p = 'p0' OR c = 4")) == 5
        assert len(table.items("SELECT c FROM {t} WHERE p > 'p0'")) == 8
        assert table.items("SELECT c FROM {t} WHERE p > 1") == []
        assert len(table.items("SELECT * FROM {t} WHERE p <> 'p0'", Limit=5)) == 8

    def test_several_partitions(self, two, part):
        other = unique()
        two.table.put({"p": S(other), "c": S("z"), "n": N(9)})
        for where in [
            f"p IN ['{part}', '{other}']",
            f"p = '{part}' OR p = '{other}'",
            f"p IN ['{part}', '{other}', '{unique()}'] AND n > 0",
        ]:
            found = two.values("c", f"SELECT c FROM {{t}} WHERE {where}")
            assert sorted(found) == ["a", "b", "c", "d", "z"]
        assert two.values(
            "c", f"SELECT c FROM {{t}} WHERE (p = '{part}' AND c = 'b') OR (p = '{other}' AND n = 8)"
        ) == ["b"]

    @pytest.mark.parametrize(
        "where, found",
        [
            ("p = '{p}' AND NOT c = 'a' OR p = '{p}' AND c = 'b'", "bcd"),
            ("p = '{p}' AND c <> 'a' OR p = '{p}' AND c = 'a'", "abcd"),
            ("p = '{p}' OR p = '{p}' AND NOT begins_with(c, 'a')", "abcd"),
        ],
    )
    def test_alternatives_that_no_range_answers(self, two, part, where, found):
        statement = "SELECT c FROM {t} WHERE " + where.replace("{p}", part)
        assert "".join(sorted(two.values("c", statement))) == found

    @pytest.mark.parametrize(
        "where",
        [
            "p IN ['{p}', '{p}']",
            "p = '{p}' OR p = '{p}'",
            "p = '{p}' AND (c > 'a' OR c < 'c')",
            "p = '{p}' AND (c = 'a' OR n = 1)",
            "(p = '{p}' AND n = 1) OR (p = '{p}' AND n = 2)",
        ],
    )
    def test_alternatives_that_overlap(self, two, part, where):
        with invalid(OVERLAP):
            two.run("SELECT * FROM {t} WHERE " + where.replace("{p}", part))

    def test_no_more_than_fifty_reads(self, two):
        def values(count):
            return ", ".join(f"'v{i}'" for i in range(count))

        for where in [
            f"p IN [{values(51)}]",
            f"p = 'x' AND c IN [{values(51)}]",
            f"p IN [{values(26)}] AND c IN ['a', 'b']",
        ]:
            with invalid(TOO_MANY):
                two.run("SELECT * FROM {t} WHERE " + where)
        two.run(f"SELECT * FROM {{t}} WHERE p IN [{values(50)}] AND n IN [{values(100)}]")
        two.run(f"SELECT * FROM {{t}} WHERE p IN [{values(51)}] OR n = 1", Limit=1)
        with invalid("The IN operator is provided with too many operands; number of operands: 101"):
            two.run(f"SELECT * FROM {{t}} WHERE p = 'x' AND n IN [{values(101)}]")

    def test_key_values_have_the_type_of_the_key(self, two, part):
        said = "Key attribute's data type should match its data type in table's schema: Key "
        with invalid(said + "p"):
            two.run("SELECT * FROM {t} WHERE p = 1")
        with invalid(said + "p"):
            two.run(f"SELECT * FROM {{t}} WHERE p = 1 OR p = '{part}'")
        with invalid(said + "c"):
            two.run(f"SELECT * FROM {{t}} WHERE p = '{part}' AND c IN ['a', 2]")
        with invalid(said + "c"):
            two.run(f"SELECT * FROM {{t}} WHERE p = '{part}' AND c > 2")


class TestOrderBy:
    @pytest.fixture(scope="class")
    def parts(self, ranks):
        low, high = sorted([unique("a"), unique("b")])
        for p in (low, high):
            for c in (2, 10, 1):
                ranks.table.put({"p": S(p), "c": N(c)})
        return low, high

    @pytest.mark.parametrize(
        "order, found",
        [
            ("c", [1, 2, 10]),
            ("c ASC", [1, 2, 10]),
            ("c DESC", [10, 2, 1]),
            ("p, c", [1, 2, 10]),
            # The service turns the sort keys around where only the partition key is named.
            ("p", [10, 2, 1]),
        ],
    )
    def test_one_partition(self, ranks, parts, order, found):
        text = f"SELECT c FROM {{t}} WHERE p = '{parts[0]}' ORDER BY {order}"
        assert list(map(int, ranks.values("c", text))) == found
        assert list(map(int, ranks.values("c", text, Limit=1))) == found

    def test_several_partitions(self, ranks, parts):
        low, high = parts
        text = f"SELECT p, c FROM {{t}} WHERE p IN ['{low}', '{high}'] ORDER BY p DESC, c ASC"
        for limit in ({}, {"Limit": 1}, {"Limit": 2}, {"Limit": 4}):
            found = [(i["p"]["S"], int(i["c"]["N"])) for i in ranks.items(text, **limit)]
            assert found == [(p, c) for p in (high, low) for c in (1, 2, 10)]

    @pytest.mark.parametrize(
        "clauses, said",
        [
            ("ORDER BY c", "Must have WHERE clause in the statement when using ORDER BY clause."),
            ("WHERE p = 'x' ORDER BY n DESC",
             "Attribute n in ORDER BY clause must be part of the primary key"),
            ("WHERE p > 'x' ORDER BY c", "Must have at least one non-optional hash key condition "
             "in WHERE clause when using ORDER BY clause."),
            ("WHERE p IN ['x', 'y'] ORDER BY c", "Must have hash key in ORDER BY clause when more "
             "than one hash key condition specified in WHERE clause."),
        ],
    )
    def test_what_cannot_be_ordered(self, ranks, clauses, said):
        with invalid(said):
            ranks.run("SELECT c FROM {t} " + clauses)


class TestPages:
    def test_a_page_says_where_the_next_begins(self, two, part):
        text = f"SELECT c FROM {{t}} WHERE p = '{part}'"
        first = two.run(text, Limit=3)
        assert [i["c"]["S"] for i in first["Items"]] == ["a", "b", "c"]
        assert first["LastEvaluatedKey"] == {"p": S(part), "c": S("c")}
        second = two.run(text, NextToken=first["NextToken"])
        assert [i["c"]["S"] for i in second["Items"]] == ["d"]
        assert "NextToken" not in second

    def test_a_filter_does_not_lengthen_a_page(self, two, part):
        page = two.run(f"SELECT c FROM {{t}} WHERE p = '{part}' AND n > 3", Limit=2)
        assert page["Items"] == [] and "NextToken" in page
        assert two.values("c", f"SELECT c FROM {{t}} WHERE p = '{part}' AND n > 3", Limit=1) == ["d"]

    def test_a_page_is_about_a_megabyte(self, two):
        p, other = sorted([unique("a"), unique("b")])
        for i in range(8):
            two.table.put({"p": S(p if i < 4 else other), "c": S(str(i)), "v": S("x" * 300_000)})
        text = f"SELECT c FROM {{t}} WHERE p IN ['{p}', '{other}']"
        first = two.run(text)
        assert len(first["Items"]) == 4 and "NextToken" in first
        assert two.values("c", text) == list("01234567")

    def test_a_token_belongs_to_its_statement(self, two, part):
        text = "SELECT c FROM {t} WHERE p = ?"
        token = two.run(text, S(part), Limit=1)["NextToken"]
        for statement, value in [
            (text + " ", S(part)), (text, S(part + "x")), ("SELECT n FROM {t} WHERE p = ?", S(part)),
        ]:
            with invalid("NextToken does not match request"):
                two.run(statement, value, NextToken=token)
        assert two.run(text, S(part), NextToken=token)["Items"]

    @pytest.mark.parametrize("token", ["x", "AAAA", "!!!!", "AQ=="])
    def test_a_token_that_is_none(self, two, token):
        with invalid("Invalid NextToken"):
            two.run("SELECT c FROM {t}", NextToken=token)

    def test_parameters_of_the_request(self, one):
        with constraint(0, "limit", "Member must have value greater than or equal to 1"):
            one.run("SELECT * FROM {t}", Limit=0)
        with constraint("", "nextToken", "Member must have length greater than or equal to 1"):
            one.run("SELECT * FROM {t}", NextToken="")
        with constraint("", "statement", "Member must have length greater than or equal to 1"):
            one.run("")
        with constraint(None, "statement", "Member must not be null"):
            one.client.execute_statement()
        with constraint("[]", "parameters", "Member must have length greater than or equal to 1"):
            one.run("SELECT * FROM {t}", Parameters=[])
        with refused(VALIDATION, contains="Member must have length less than or equal to 8192"):
            one.run("SELECT * FROM {t} WHERE a = '" + "x" * 8192 + "'")
