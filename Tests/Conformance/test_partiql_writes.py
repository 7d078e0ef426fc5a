"""ExecuteStatement: INSERT, UPDATE and DELETE."""

import pytest

from partiql import INCOMPLETE, at, one, two  # noqa: F401
from support import (
    BOOL,
    CONDITION_FAILED,
    INVALID,
    L,
    M,
    N,
    NS,
    NULL,
    S,
    SS,
    VALIDATION,
    invalid,
    normal,
    refused,
    unique,
)


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
