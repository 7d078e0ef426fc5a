"""ExecuteStatement: what is refused and how, capacity, and agreement with other operations."""

import pytest

from partiql import NOT_WELL_FORMED, at, one, part, two  # noqa: F401
from support import (
    INVALID,
    L,
    M,
    N,
    NOT_FOUND,
    NS,
    S,
    SS,
    VALIDATION,
    invalid,
    normal,
    refused,
    unique,
)


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
