"""ExecuteStatement: reading and writing single statements."""

import pytest

from partiql import INCOMPLETE, NOT_WELL_FORMED, Statements
from support import (
    B,
    BOOL,
    BS,
    CONDITION_FAILED,
    INVALID,
    L,
    M,
    N,
    NOT_FOUND,
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


def at(statement, token, length=None, after=""):
    """`line:column:length` of a token in a statement of one line, behind some text."""
    index = statement.index(token, statement.index(after) + len(after))
    return f"1:{index + 1}:{length or len(token)}"


@pytest.fixture(scope="module")
def one(table_s):
    """Statements on a table with the partition key `p`."""
    return Statements(table_s)


@pytest.fixture(scope="module")
def two(table_ss):
    """Statements on a table with the keys `p` and `c`, both strings."""
    return Statements(table_ss)


@pytest.fixture(scope="module")
def ranks(table_sn):
    """Statements on a table with the keys `p` (S) and `c` (N)."""
    return Statements(table_sn)


@pytest.fixture
def part(two):
    """A partition with the sort keys a, b, c, d, each with n from 1 and a list of tags."""
    p = unique()
    for number, c in enumerate("abcd", 1):
        two.table.put(
            {"p": S(p), "c": S(c), "n": N(number), "tags": SS(c, "all"), "m": M(deep=L(N(number)))}
        )
    return p


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


class TestCapacity:
    def test_reads(self, two, part):
        text = f"SELECT c FROM {{t}} WHERE p = '{part}'"
        for consistent, units in ((False, 0.5), (True, 1.0)):
            used = two.run(text, ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")
            assert used["ConsumedCapacity"] == {
                "TableName": two.table.name, "CapacityUnits": units
            }
        used = two.run(text + " AND c IN ['a', 'b']", ReturnConsumedCapacity="INDEXES")
        assert used["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.0}
        assert "ConsumedCapacity" not in two.run(text)

    def test_writes(self, one):
        p = unique()
        total = {"ReturnConsumedCapacity": "TOTAL"}
        for text in [
            f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'v': '{'x' * 1500}'}}",
            f"UPDATE {{t}} SET n = 1 WHERE p = '{p}'",
            f"DELETE FROM {{t}} WHERE p = '{p}'",
        ]:
            assert one.run(text, **total)["ConsumedCapacity"]["CapacityUnits"] == 2.0


class TestInsert:
    def test_literals(self, one):
        p = unique()
        answer = one.run(
            f"INSERT INTO {{t}} VALUE {{'p': '{p}', 's': 'text', 'n': -1.50, 'e': 1E3, 'yes': true,"
            " 'no': FALSE, 'nil': null, 'l': [1, 'two', [3]], 'm': {'k': {'j': 0}},"
            " 'ss': <<'b', 'a'>>, 'ns': <<1, 2.5>>, 'empty': '', 'el': [], 'em': {}}"
        )
        assert answer["Items"] == []
        assert normal(one.table.get({"p": S(p)})) == normal({
            "p": S(p), "s": S("text"), "n": N("-1.5"), "e": N(1000), "yes": BOOL(True),
            "no": BOOL(False), "nil": NULL, "l": L(N(1), S("two"), L(N(3))),
            "m": M(k=M(j=N(0))), "ss": SS("a", "b"), "ns": NS(1, 2.5), "empty": S(""),
            "el": L(), "em": M(),
        })

    def test_an_item_that_is_there_stays(self, one):
        p = unique()
        one.run(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'v': 1}}")
        with refused("DuplicateItemException", "Duplicate primary key exists in table"):
            one.run(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'v': 2}}")
        assert one.table.get({"p": S(p)})["v"] == N(1)
        one.run(f"DELETE FROM {{t}} WHERE p = '{p}'")
        one.run(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'v': 3}}")
        assert one.table.get({"p": S(p)})["v"] == N(3)

    @pytest.mark.parametrize(
        "item, said",
        [
            ("{'c': 'x'}", INVALID + "Missing the key p in the item"),
            ("{'p': 'x'}", INVALID + "Missing the key c in the item"),
            ("{'p': 1, 'c': 'x'}", INVALID + "Type mismatch for key p expected: S actual: N"),
            ("{'p': 'x', 'c': 'y', 's': <<>>}", "Empty bags are not supported"),
            ("{'p': 'x', 'c': 'y', 's': <<1, 'a'>>}", "Unsupported data type in Bag. DynamoDB only "
             "supports either numbers or strings in bags"),
            ("{'p': 'x', 'c': 'y', 's': <<'a', 'a'>>}",
             INVALID + "Input collection [a, a] contains duplicates."),
            ("{'p': 'x', 'c': 'y', 's': <<2, 2.0>>}",
             INVALID + "Input collection [2, 2.0] contains duplicates! under root"),
            ("{'p': 'x', 'c': 'y', 'n': 1e126}", "Number overflow. Attempting to store a number "
             "with magnitude larger than supported range under root"),
            ("{'p': 'x', 'c': 'y', 'm': {'k': [0, 1e-131]}}", "Number underflow. Attempting to store "
             "a number with magnitude smaller than supported range under root.k[1]"),
        ],
    )
    def test_items_that_cannot_be(self, two, item, said):
        with invalid(said):
            two.run(f"INSERT INTO {{t}} VALUE {item}")

    def test_parameters_stand_for_whole_attributes(self, one):
        text = one.text("INSERT INTO {t} VALUE {'p': 'x', 'm': {'k': ?}}")
        with invalid(f"Unsupported data type: Parameter under key root.k at {at(text, '?')}"):
            one.run(text, S("v"))
        text = one.text("UPDATE {t} SET x = [?] WHERE p = 'x'")
        with invalid(f"Unsupported data type: Parameter under key root[0] at {at(text, '?')}"):
            one.run(text, S("v"))

    def test_an_item_as_large_as_items_may_be(self, one):
        with refused(VALIDATION, contains="Item size has exceeded the maximum allowed size"):
            one.run("INSERT INTO {t} VALUE {'p': 'x', 'v': ?}", S("x" * 410_000))

    def test_depth_is_bounded(self, one):
        p = unique()
        one.run(f"INSERT INTO {{t}} VALUE {{'p': '{p}', 'd': " + "[" * 31 + "1" + "]" * 31 + "}")
        with invalid("Nesting Levels have exceeded supported limits under root" + "[0]" * 32):
            one.run("INSERT INTO {t} VALUE {'p': 'x', 'd': " + "[" * 32 + "1" + "]" * 32 + "}")

    def test_it_returns_nothing_and_names_one_table(self, one):
        with invalid("RETURNING is not supported in INSERT"):
            one.run("INSERT INTO {t} VALUE {'p': 'x'} RETURNING ALL OLD *")
        with invalid("FROM clause may only contain a single table name"):
            one.run("INSERT INTO {t}.\"index\" VALUE {'p': 'x'}")


class TestUpdate:
    @pytest.fixture
    def p(self, one):
        p = unique()
        one.table.put({
            "p": S(p), "n": N(5), "s": S("old"), "l": L(S("a"), S("b"), S("c")),
            "m": M(k=S("v"), j=S("w")), "ss": SS("a", "b"), "ns": NS(1, 2),
        })
        return p

    def after(self, one, p, changes, *parameters):
        assert one.run(f"UPDATE {{t}} {changes} WHERE p = '{p}'", *parameters)["Items"] == []
        return one.table.get({"p": S(p)})

    @pytest.mark.parametrize(
        "changes, attribute, value",
        [
            ("SET s = 'new'", "s", S("new")),
            ("SET n = n + 1", "n", N(6)),
            ("SET n = n-1", "n", N(4)),
            ("SET n = 10 - n - 1 + 3", "n", N(7)),
            ("SET n = n - - 2", "n", N(7)),
            ("SET n = (n + 1) - 2", "n", N(4)),
            ("SET x = n", "x", N(5)),
            ("SET m.k = 'new'", "m", M(k=S("new"), j=S("w"))),
            ("SET m.\"new\" = [1]", "m", M(k=S("v"), j=S("w"), new=L(N(1)))),
            ("SET l[1] = 'x'", "l", L(S("a"), S("x"), S("c"))),
            ("SET l = list_append(l, ['d'])", "l", L(S("a"), S("b"), S("c"), S("d"))),
            ("SET l = LIST_APPEND(['z'], l)", "l", L(S("z"), S("a"), S("b"), S("c"))),
            ("SET ss = set_add(ss, <<'b', 'c'>>)", "ss", SS("a", "b", "c")),
            ("SET ns = SET_ADD(ns, <<3>>)", "ns", NS(1, 2, 3)),
            ("SET fresh = set_add(fresh, <<'x'>>)", "fresh", SS("x")),
            ("SET ss = set_delete(ss, <<'a'>>)", "ss", SS("b")),
            ("SET ss = set_delete(ss, <<'a', 'b'>>)", "ss", None),
            ("REMOVE s", "s", None),
            ("REMOVE l[0]", "l", L(S("b"), S("c"))),
            ("REMOVE m.k", "m", M(j=S("w"))),
        ],
    )
    def test_changes(self, one, p, changes, attribute, value):
        assert normal(self.after(one, p, changes).get(attribute)) == normal(value)

    def test_many_changes_at_once(self, one, p):
        item = self.after(
            one, p, "SET n = n + ?, s = ? SET x = 1 REMOVE m REMOVE l[0] SET ss = set_add(ss, ?)",
            N(2), S("new"), SS("q"),
        )
        assert (item["n"], item["s"], item["x"]) == (N(7), S("new"), N(1))
        assert "m" not in item and item["l"] == L(S("b"), S("c"))
        assert normal(item["ss"]) == SS("a", "b", "q")

    def test_from_first(self, one, p):
        one.run(f"FROM {{t}} WHERE p = '{p}' SET n = 9 REMOVE s")
        item = one.table.get({"p": S(p)})
        assert item["n"] == N(9) and "s" not in item
        with invalid(INCOMPLETE):
            one.run("FROM {t} SET n = 1")

    def test_more_in_where_is_a_condition(self, one, p):
        with refused(CONDITION_FAILED, "The conditional request failed"):
            one.run(f"UPDATE {{t}} SET n = 1 WHERE p = '{p}' AND n = 6")
        one.run(f"UPDATE {{t}} SET n = 1 WHERE (p = '{p}' AND n = 5) AND attribute_exists(s)")
        assert one.table.get({"p": S(p)})["n"] == N(1)

    def test_a_failed_condition_shows_the_item_if_asked(self, one, p):
        text = f"UPDATE {{t}} SET n = 1 WHERE p = '{p}' AND n = 6"
        with refused(CONDITION_FAILED) as caught:
            one.run(text, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert caught.value.response["Item"]["n"] == N(5)
        with refused(CONDITION_FAILED) as caught:
            one.run(text)
        assert "Item" not in caught.value.response

    def test_it_makes_no_item(self, one):
        p = unique()
        for text in [
            f"UPDATE {{t}} SET n = 1 WHERE p = '{p}'",
            f"UPDATE {{t}} SET n = 1 WHERE p = '{p}' AND attribute_not_exists(n)",
            f"FROM {{t}} WHERE p = '{p}' SET n = 1",
        ]:
            with refused(CONDITION_FAILED, "The conditional request failed"):
                one.run(text)
        assert one.table.get({"p": S(p)}) is None

    @pytest.mark.parametrize(
        "changes, returning, found",
        [
            ("SET n = 6", "ALL OLD", {"n": N(5), "s": S("old")}),
            ("SET n = 6", "ALL NEW", {"n": N(6), "s": S("old")}),
            ("SET n = 6", "MODIFIED OLD", {"n": N(5)}),
            ("SET n = 6", "MODIFIED NEW", {"n": N(6)}),
            ("SET m.k = 'x'", "MODIFIED NEW", {"m": M(k=S("x"))}),
            ("SET l[2] = 'y', l[0] = 'x'", "MODIFIED NEW", {"l": L(S("x"), S("y"))}),
            ("SET l[2] = 'y', l[0] = 'x'", "MODIFIED OLD", {"l": L(S("a"), S("c"))}),
            ("REMOVE l[1]", "MODIFIED NEW", {"l": L(S("c"))}),
            ("REMOVE s", "MODIFIED OLD", {"s": S("old")}),
            ("REMOVE s", "MODIFIED NEW", None),
            ("SET fresh = 1", "MODIFIED OLD", None),
            ("SET l[9] = 'd'", "MODIFIED NEW", None),
        ],
    )
    def test_returning(self, one, p, changes, returning, found):
        text = f"UPDATE {{t}} {changes} WHERE p = '{p}' RETURNING {returning} *"
        items = one.run(text)["Items"]
        if found is None:
            assert items == []
        elif returning.startswith("ALL"):
            assert items[0]["p"] == S(p) and items[0].items() >= found.items()
        else:
            assert items == [found]

    @pytest.mark.parametrize(
        "changes, said",
        [
            ("SET p = 'y'", INVALID + "Cannot update attribute p. This attribute is part of the key"),
            ("SET x = absent", "The provided expression refers to an attribute that does not exist "
             "in the item"),
            ("SET absent.x = 1",
             "The document path provided in the update expression is invalid for update"),
            ("SET absent[0] = 1",
             "The document path provided in the update expression is invalid for update"),
            ("SET n = n + 'a'", "Incorrect operand type for operator or function; operator or "
             "function: +, operand type: S"),
            ("SET n = n - null", "Incorrect operand type for operator or function; operator or "
             "function: -, operand type: NULL"),
            ("SET n = s + 1", "An operand in the update expression has an incorrect data type"),
            ("SET ss = set_add(ss, <<1>>)",
             "An operand in the update expression has an incorrect data type"),
            ("SET s = set_add(s, <<'x'>>)",
             "An operand in the update expression has an incorrect data type"),
            ("SET n = n * 2", "Unsupported operator in Update Expression. Operator: *"),
            ("SET n = 1, n = 2", "Two document paths overlap with each other; must remove or rewrite "
             "one of these paths; path one: [n], path two: [n]"),
        ],
    )
    def test_changes_that_cannot_be(self, one, p, changes, said):
        before = one.table.get({"p": S(p)})
        with invalid(said):
            one.run(f"UPDATE {{t}} {changes} WHERE p = '{p}'")
        assert normal(one.table.get({"p": S(p)})) == normal(before)

    @pytest.mark.parametrize(
        "value, said, token",
        [
            ("set_add(other, <<'x'>>)", "The first argument to SET_ADD must equal the assignment "
             "value", "set_add"),
            ("set_delete(<<'a'>>, <<'b'>>)", "The first argument to SET_DELETE must equal the "
             "assignment value", "set_delete"),
            ("set_add(ss, 'x')", "The second argument to SET_ADD must be a value with type SET",
             "ss,"),
            ("set_add(ss)", "SET_ADD must have exactly two arguments", "set_add"),
            ("unheard_of(ss)", "Unrecognized function: unheard_of", "unheard_of"),
        ],
    )
    def test_functions_wrongly_called(self, one, value, said, token):
        text = one.text(f"UPDATE {{t}} SET ss = {value} WHERE p = 'x'")
        length = 2 if token == "ss," else None
        with invalid(f"{said} at {at(text, token, length, after='SET ss = ')}"):
            one.run(text)


class TestDelete:
    def test_an_item_goes(self, one):
        p = unique()
        one.table.put({"p": S(p)})
        assert one.run(f"DELETE FROM {{t}} WHERE p = '{p}'")["Items"] == []
        assert one.table.get({"p": S(p)}) is None
        assert one.run(f"DELETE FROM {{t}} WHERE p = '{p}'")["Items"] == []

    def test_a_condition_must_hold_of_an_item_that_is_there(self, one):
        p = unique()
        one.table.put({"p": S(p), "n": N(1)})
        with refused(CONDITION_FAILED):
            one.run(f"DELETE FROM {{t}} WHERE p = '{p}' AND n = 2")
        assert one.table.get({"p": S(p)}) is not None
        one.run(f"DELETE FROM {{t}} WHERE p = '{p}' AND n = 1")
        assert one.table.get({"p": S(p)}) is None
        one.run(f"DELETE FROM {{t}} WHERE p = '{p}' AND n = 2")

    def test_returning_all_old(self, one):
        p = unique()
        one.table.put({"p": S(p), "n": N(1)})
        text = f"DELETE FROM {{t}} WHERE p = '{p}' RETURNING ALL OLD *"
        assert one.run(text)["Items"] == [{"p": S(p), "n": N(1)}]
        assert one.run(text)["Items"] == []

    @pytest.mark.parametrize("returning", ["MODIFIED OLD", "ALL NEW", "MODIFIED NEW"])
    def test_returning_anything_else(self, one, returning):
        with invalid(
            f"Invalid returning clause: RETURNING {returning} *. "
            "Only RETURNING ALL OLD * is allowed in DELETE statements."
        ):
            one.run(f"DELETE FROM {{t}} WHERE p = 'x' RETURNING {returning} *")


class TestKeysOfWrites:
    @pytest.mark.parametrize(
        "where",
        ["", " WHERE p = 'x'", " WHERE c = 'x'", " WHERE n = 1", " WHERE p = 'x' OR c = 'y'",
         " WHERE p IN ['x'] AND c = 'y'", " WHERE p = 'x' AND c > 'y'", " WHERE NOT p = 'x'"],
    )
    def test_a_write_names_its_whole_key(self, two, where):
        for text in ["UPDATE {t} SET n = 1" + where, "DELETE FROM {t}" + where]:
            with invalid(INCOMPLETE):
                two.run(text)

    def test_two_values_for_one_key(self, two):
        where = " WHERE p = 'x' AND c = 'y' AND p = 'z'"
        for text in ["UPDATE {t} SET n = 1" + where, "DELETE FROM {t}" + where]:
            with invalid(
                "Multiple conditions on same key p. "
                "Only single item Update/Insert/Delete are supported"
            ):
                two.run(text)
        two.run("DELETE FROM {t} WHERE p = 'x' AND c = 'y' AND p = 'x'")

    def test_a_value_of_another_type(self, two):
        with invalid("The provided key element does not match the schema"):
            two.run("DELETE FROM {t} WHERE p = 'x' AND c = 1")


class TestRefusals:
    @pytest.mark.parametrize(
        "text, detail",
        [
            ("SELECTT * FROM {t}", "Expected data manipulation"),
            ("UPDATE {t} WHERE p = 'x'", "Expected data manipulation"),
            ("UPDATE a-b SET x = 1", "Expected data manipulation"),
            ("SELECT * FROM {t} WHERE", "Unexpected term"),
            ("SELECT * FROM {t} WHERE;", "Unexpected term"),
            ("SELECT * FROM {t} WHERE NOT", "Unexpected term"),
            ("SELECT * FROM {t} WHERE (", "Unexpected term"),
            ("SELECT * FROM", "Unexpected term"),
            ("DELETE FROM {t} WHERE", "Unexpected term"),
            ("SELECT * FROM {t} WHERE p = 'x' AND",
             "Missing right-hand side expression of infix operator"),
            ("SELECT * FROM {t} WHERE p = 'x' OR",
             "Missing right-hand side expression of infix operator"),
            ("SELECT * FROM {t} WHERE ORDER BY p", "Unexpected keyword"),
            ("SELECT * FROM {t} WHERE key = 1", "Unexpected keyword"),
            ("INSERT INTO {t} (key, value) VALUES (?, ?)", "Unexpected keyword"),
            ("SELECT * FROM {t} WHERE p = 'a' AND x IS FOO", "Expected type name"),
            ("SELECT * FROM {t} WHERE IS NULL", "Unexpected operator"),
            ("SELECT * FROM {t} WHERE p = LIKE", "Unexpected operator"),
            ("DELETE FROM", "Expected identifier for simple path"),
            ("DELETE FROM WHERE p = 'x'", "Expected identifier for simple path"),
            ("SELECT * FROM {t} WHERE p = 'x' foo", "Unexpected token after expression"),
            ("SELECT * FROM {t} WHERE n = 1 e5", "Unexpected token after expression"),
            ("SELECT * FROM {t} WHERE n = 1)", "Unexpected token after expression"),
            ("SELECT * FROM {t}; SELECT * FROM {t}", "Unexpected token after expression"),
            ("SELECT * FROM {t} ORDER BY p WHERE p = 'x'", "Unexpected token after expression"),
            ("DELETE FROM {t} WHERE p = 'x' ORDER BY p", "Unexpected token after expression"),
            ("INSERT INTO {t} VALUE {'p': 'x'} foo", "Unexpected token after expression"),
            ("INSERT INTO {t} t VALUE {'p': 'x'}", "Unexpected token after expression"),
            ("UPDATE {t} SET n = 1 WHERE p = 'x' foo", "Unexpected token after expression"),
            ("FROM {t} SET n = 1 WHERE p = 'x'", "Unexpected token after expression"),
            ("SELECT m.inner FROM {t}", "Invalid path dot component"),
            ("SELECT * FROM {t} WHERE n = 1 # no", ""),
            ("SELECT * FROM {t} WHERE n = 1 /* no", ""),
            ("SELECT * FROM {t} WHERE n = 'no", ""),
            ("SELECT * FROM {t} WHERE n = 1e2147483648", ""),
            ("SELECT * FROM {t} WHERE n = 1.5e-2147483647", ""),
        ],
    )
    def test_statements_that_cannot_be_read(self, one, text, detail):
        with refused(VALIDATION) as caught:
            one.run(text)
        # boto3 shows no white space at the end of a message.
        said = caught.value.response["Error"]["Message"]
        assert said.strip() == (NOT_WELL_FORMED + detail).strip()

    @pytest.mark.parametrize(
        "text, said",
        [
            ("SELECT * FROM {t} t WHERE p = 'x'", "Aliasing is not supported"),
            ("SELECT * FROM {t} AS t", "Aliasing is not supported"),
            ("SELECT n AS m FROM {t}", "Aliasing is not supported"),
            ("UPDATE {t} t SET n = 1 WHERE p = 'x'", "Aliasing is not supported"),
            ("DELETE FROM {t} t WHERE p = 'x'", "Aliasing is not supported"),
            ("SELECT *, n FROM {t}",
             "Other attributes should not be present in the projection when '*' is used."),
            ("SELECT n, *  FROM {t}",
             "Other attributes should not be present in the projection when '*' is used."),
            ("SELECT n, n FROM {t}", "Duplicate identifiers in select clause: n"),
            ("SELECT a.z, z FROM {t}", "Duplicate identifiers in select clause: z"),
            ("SELECT VALUE n FROM {t}",
             "Select projection doesn't support value or pivot keywords"),
            ("SELECT * FROM {t}, other", "FROM clause may only contain a single table name"),
            ("SELECT * FROM {t} JOIN other", "FROM clause may only contain a single table name"),
            ("SELECT * FROM {t} GROUP BY n", "Unsupported clause: GROUP BY"),
            ("SELECT * FROM {t}.a.b", "A path may contain at most 2 components in the FROM clause"),
            ("SELECT * FROM \"\" WHERE p = 'x'", "Path component cannot be an empty string"),
            ("SELECT * FROM {t}.\"\"", "Path component cannot be an empty string"),
            ("SELECT * FROM {t}[0]", "Invalid list expression in source."),
            ("SELECT * FROM ab", "Table name should be within the length [3, 255] and only contain "
             "'a-z', 'A-Z', '0-9', '-', '_', '.'."),
            ("UPDATE {t}.\"idx\" SET n = 1 WHERE p = 'x'",
             "This operation is not supported on an index"),
            ("DELETE FROM {t}.\"idx\" WHERE p = 'x'",
             "This operation is not supported on an index"),
            ("SELECT * FROM {t}.\"idx\" WHERE p = 'x'",
             "The table does not have the specified index"),
            ("x IS INT4", "Unsupported operation: IsType"),
            ("x IS DOUBLE PRECISION", "Unsupported operation: IsType"),
            ("EXISTS(SELECT * FROM {t} WHERE p = 'x' AND n = 1)",
             "EXISTS can only be used in ExecuteTransaction write requests."),
            ("SELECT * FROM {t} WHERE p.x = 1", "Key attributes must be scalars; list random access "
             "'[]' and map lookup '.' are not allowed: Key: p"),
        ],
    )
    def test_statements_that_are_not_carried_out(self, one, text, said):
        with invalid(said):
            one.run(text)

    @pytest.mark.parametrize(
        "where, said",
        [
            ("n < true", "Incorrect operand type for operator or function; operator or function: <, "
             "operand type: BOOL"),
            ("n >= [1]", "Incorrect operand type for operator or function; operator or function: >=,"
             " operand type: L"),
            ("attribute_exists(n) > false", "Incorrect operand type for operator or function; "
             "operator or function: >, operand type: BOOL"),
            ("n BETWEEN true AND false", "Incorrect operand type for operator or function; operator "
             "or function: BETWEEN, operand type: BOOL"),
            ("attribute_exists('n')", "Operator or function requires a document path; operator or "
             "function: attribute_exists"),
            ("attribute_exists()", "Incorrect number of operands for operator or function; operator "
             "or function: attribute_exists, number of operands: 0"),
            ("attribute_exists(a, b)", "Incorrect number of operands for operator or function; "
             "operator or function: attribute_exists, number of operands: 2"),
            ("attribute_type(n, 1)", "Incorrect operand type for operator or function; operator or "
             "function: attribute_type, operand type: N"),
            ("attribute_type(n, 'X')", "Invalid attribute type name found; type: X, valid types: "
             "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"),
            ("begins_with(n, 1)", "Incorrect operand type for operator or function; operator or "
             "function: begins_with, operand type: N"),
            ("n = n", "The first operand must be distinct from the remaining operands for this "
             "operator or function; operator: =, first operand: [n]"),
            ("n = 1 + 1", "Unsupported operator in Condition Expression. Operator: +"),
            ("n > -n", "Incorrect number of operands for operator or function; operator or "
             "function: -, number of operands: 1"),
        ],
    )
    def test_conditions_that_cannot_be(self, one, where, said):
        # They are looked at before the table.
        for text in ["SELECT * FROM {t} WHERE p = 'x' AND ", "SELECT * FROM nowhere WHERE "]:
            with invalid(said):
                one.run(text + where)

    @pytest.mark.parametrize(
        "text, said, token",
        [
            ("SELECT attribute_exists(n) FROM {t}", "Unexpected path component", "attribute_exists"),
            ("SELECT COUNT(*) FROM {t}", "Unexpected path component", "COUNT"),
            ("SELECT * FROM {t} LIMIT 77", "Unsupported clause: LIMIT", "77"),
            ("SELECT 'x' FROM {t}", "Unexpected path component", "'x'"),
            ("SELECT * FROM {t} WHERE EXISTS(n)", "Unrecognized function: exists", "EXISTS"),
            ("SELECT * FROM {t} WHERE set_add(n, <<'x'>>) = n", "Unrecognized function: set_add",
             "set_add"),
            ("INSERT INTO {t} VALUE {'p': 'x', 's': set_add(<<'a'>>, <<'b'>>)}",
             "Unsupported data type: set_add under key root", "set_add"),
            ("SELECT l[-1] FROM {t}", "List index is not within the allowable range; index: [-1]",
             "1"),
            ("SELECT l[2147483648] FROM {t}",
             "List index is not within the allowable range; index: [2147483648]", "2147483648"),
        ],
    )
    def test_messages_say_where(self, one, text, said, token):
        text = one.text(text)
        with invalid(f"{said} at {at(text, token)}"):
            one.run(text)

    def test_lines_are_counted(self, one):
        text = "UPDATE {t}\nSET members = set_add(members, 'x') WHERE p = 'x'"
        with invalid("The second argument to SET_ADD must be a value with type SET at 2:23:7"):
            one.run(text)

    def test_a_table_that_is_not_there(self, one):
        for text in ["SELECT * FROM nowhere", "DELETE FROM nowhere WHERE p = 'x'",
                     "INSERT INTO nowhere VALUE {'p': 'x'}"]:
            with refused(NOT_FOUND, "Requested resource not found"):
                one.run(text)

    @pytest.mark.parametrize(
        "value, said",
        [
            (SS("a", "a"), INVALID + "Input collection [a, a] contains duplicates."),
            ({"NULL": False}, INVALID + "Null attribute value types must have the value of true"),
            (N("x"), "The parameter cannot be converted to a numeric value: x"),
            ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported "
             "datatypes"),
        ],
    )
    def test_parameters_are_looked_at_first(self, one, value, said):
        with invalid(said):
            one.run("UPDATE {t} SET WHERE", value)


class TestNumbers:
    """Exponents of parameters are 32-bit integers to the service, and what it computes with them."""

    STATEMENTS = [
        "SELECT * FROM {t} WHERE p = ?",
        "SELECT * FROM {t} WHERE p = 'x' AND n = ?",
        "INSERT INTO {t} VALUE {'p': 'x', 'n': ?}",
        "UPDATE {t} SET n = ? WHERE p = 'x'",
    ]

    @pytest.mark.parametrize("text", STATEMENTS)
    @pytest.mark.parametrize("number", ["1e99999999999", "-1e2147483648", "1E-2147483648"])
    def test_no_numbers(self, one, text, number):
        said = f"The parameter cannot be converted to a numeric value: {number}"
        for value in [N(number), L(N(1), N(number)), M(k=N(number)), NS(1, number)]:
            with invalid(said):
                one.run(text, value)

    @pytest.mark.parametrize("text", STATEMENTS)
    def test_numbers_out_of_range(self, one, text):
        for number in ["1e-131", "1e2147483647"]:
            with refused(VALIDATION, contains="Number underflow"):
                one.run(text, N(number))
        with refused(VALIDATION, contains="Number overflow"):
            one.run(text, N("1e126"))

    def test_the_first_mistake_counts(self, one):
        text = "SELECT * FROM {t} WHERE p = ? AND n = ?"
        with invalid("The parameter cannot be converted to a numeric value: x"):
            one.run(text, N("x"), N("1e99999999999"))
        with invalid("The parameter cannot be converted to a numeric value: 1e99999999999"):
            one.run(text, N("1e99999999999"), N("x"))


class TestAgreement:
    """A statement and the operation it stands for do the same."""

    @pytest.mark.parametrize(
        "where, condition, values",
        [
            ("c > 'a'", "c > :a", {":a": S("a")}),
            ("c BETWEEN 'b' AND 'd'", "c BETWEEN :a AND :b", {":a": S("b"), ":b": S("d")}),
            ("begins_with(c, 'c')", "begins_with(c, :a)", {":a": S("c")}),
        ],
    )
    def test_queries(self, two, part, where, condition, values):
        found = two.items(f"SELECT * FROM {{t}} WHERE p = '{part}' AND {where}")
        asked = two.table.query(f"p = :p AND {condition}", values=values | {":p": S(part)})
        assert normal(found) == normal(asked["Items"])

    @pytest.mark.parametrize(
        "where, filter, values",
        [
            ("n > 1 AND NOT (n = 3)", "n > :a AND NOT (n = :b)", {":a": N(1), ":b": N(3)}),
            ("n IN [1, 3] OR contains(tags, 'd')", "n IN (:a, :b) OR contains(tags, :c)",
             {":a": N(1), ":b": N(3), ":c": S("d")}),
            ("m.deep[0] <> 2 AND size(m.deep) = 1", "m.deep[0] <> :a AND size(m.deep) = :b",
             {":a": N(2), ":b": N(1)}),
        ],
    )
    def test_scans(self, two, part, where, filter, values):
        found = two.items(f"SELECT * FROM {{t}} WHERE {where}")
        asked, _ = two.table.all_pages(two.table.scan, filter=filter, values=values)
        assert normal(found) == normal(asked) and found

    def test_updates(self, one):
        ours, theirs = unique(), unique()
        for p in (ours, theirs):
            one.table.put({"p": S(p), "n": N(1), "l": L(N(1)), "s": SS("a", "b"), "m": M(k=N(1))})
        told = one.run(
            "UPDATE {t} SET n = n + 2, l = list_append(l, [2]) SET s = set_delete(s, <<'a'>>) "
            f"REMOVE m.k WHERE p = '{ours}' AND n < 5 RETURNING MODIFIED NEW *"
        )["Items"][0]
        asked = one.table.update(
            {"p": S(theirs)},
            "SET n = n + :two, l = list_append(l, :l) DELETE s :a REMOVE m.k",
            "n < :five",
            values={":two": N(2), ":l": L(N(2)), ":a": SS("a"), ":five": N(5)},
            ReturnValues="UPDATED_NEW",
        )["Attributes"]
        assert normal(told) == normal(asked)
        first, second = one.table.get({"p": S(ours)}), one.table.get({"p": S(theirs)})
        assert normal(first | {"p": S("")}) == normal(second | {"p": S("")})
