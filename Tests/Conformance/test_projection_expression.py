"""Projection expressions, in GetItem, Query, Scan and BatchGetItem."""

import pytest

from support import L, M, N, S, SS, VALIDATION, invalid, normal, refused, unique

PREFIX = "Invalid ProjectionExpression: "
ITEM = {
    "a": S("x"),
    "b": N(2),
    "m": M(x=N(1), y=M(z=S("deep"), w=N(9))),
    "l": L(N(0), N(1), N(2), M(k=S("v"), j=S("u"))),
    "ll": L(L(N(1), N(2)), L(N(3))),
    "s": SS("p", "q"),
    "a.b": S("dotted"),
    "name": S("reserved"),
}

CASES = [
    ("a", None, {"a": S("x")}),
    ("a, b", None, {"a": S("x"), "b": N(2)}),
    (" a ,\n\tb ", None, {"a": S("x"), "b": N(2)}),
    ("absent", None, {}),
    ("a, absent", None, {"a": S("x")}),
    ("m", None, {"m": ITEM["m"]}),
    ("m.x", None, {"m": M(x=N(1))}),
    ("m.y.z", None, {"m": M(y=M(z=S("deep")))}),
    ("m.x, m.y.w", None, {"m": M(x=N(1), y=M(w=N(9)))}),
    ("m.absent", None, {}),
    ("m.x.y", None, {}),
    ("a.x", None, {}),
    ("a[0]", None, {}),
    ("m[0]", None, {}),
    ("l[1]", None, {"l": L(N(1))}),
    ("l[2], l[0]", None, {"l": L(N(0), N(2))}),
    ("l[3].k", None, {"l": L(M(k=S("v")))}),
    ("l[3].k, l[0]", None, {"l": L(N(0), M(k=S("v")))}),
    ("l[99]", None, {}),
    ("ll[0][1], ll[1][0]", None, {"ll": L(L(N(2)), L(N(3)))}),
    ("s", None, {"s": SS("p", "q")}),
    ("#n", {"#n": "name"}, {"name": S("reserved")}),
    ("#d", {"#d": "a.b"}, {"a.b": S("dotted")}),
    ("#m.#y.z", {"#m": "m", "#y": "y"}, {"m": M(y=M(z=S("deep")))}),
]


@pytest.fixture(scope="module")
def stored(table_ss):
    key = {"p": S(unique()), "c": S("c")}
    table_ss.put(key | ITEM)
    return key


@pytest.mark.parametrize("projection, names, expected", CASES, ids=lambda v: str(v)[:24])
def test_only_what_is_asked_for_comes_back(table_ss, stored, projection, names, expected):
    found = table_ss.fetch(stored, projection=projection, names=names)["Item"]
    assert normal(found) == normal(expected)


def test_the_key_comes_only_if_asked_for(table_ss, stored):
    assert table_ss.fetch(stored, projection="p, a")["Item"] == {"p": stored["p"], "a": S("x")}


def test_a_query_projects(table_ss, stored):
    found = table_ss.query("p = :p", values={":p": stored["p"]}, projection="m.x, c")
    assert found["Items"] == [{"m": M(x=N(1)), "c": S("c")}]


def test_a_scan_projects(table_ss, stored):
    found, _ = table_ss.all_pages(
        table_ss.scan, filter="#n = :n", projection="l[1]", names={"#n": "name"},
        values={":n": S("reserved")},
    )
    assert {"l": L(N(1))} in found


def test_a_filter_sees_what_the_projection_leaves_out(table_ss, stored):
    found = table_ss.query(
        "p = :p", values={":p": stored["p"], ":b": N(2)}, filter="b = :b", projection="a"
    )
    assert found["Items"] == [{"a": S("x")}]


def test_a_batch_projects(loose, table_ss, stored):
    found = loose.batch_get_item(
        RequestItems={table_ss.name: {"Keys": [stored], "ProjectionExpression": "b, m.y.w"}}
    )["Responses"][table_ss.name]
    assert found == [{"b": N(2), "m": M(y=M(w=N(9)))}]


OVERLAP = (
    PREFIX + "Two document paths overlap with each other; must remove or rewrite one of these "
    "paths; path one: {}, path two: {}"
)


@pytest.mark.parametrize(
    "projection, message",
    [
        ("", PREFIX + "The expression can not be empty;"),
        ("a, a", OVERLAP.format("[a]", "[a]")),
        ("m, m.x", OVERLAP.format("[m]", "[m, x]")),
        ("m.x, m", OVERLAP.format("[m, x]", "[m]")),
        ("l[0], l[0]", OVERLAP.format("[l, [0]]", "[l, [0]]")),
        ("m.x, m[0]",
         PREFIX + "Two document paths conflict with each other; must remove or rewrite one of "
         "these paths; path one: [m, x], path two: [m, [0]]"),
        ("name", PREFIX + "Attribute name is a reserved keyword; reserved keyword: name"),
        ("#x",
         PREFIX + "An expression attribute name used in the document path is not defined; "
         "attribute name: #x"),
    ],
    ids=lambda v: v[:20],
)
def test_a_wrong_projection_is_refused(table_ss, stored, projection, message):
    with invalid(message):
        table_ss.fetch(stored, projection=projection)


def test_a_projection_has_at_most_4096_bytes(table_ss, stored):
    assert table_ss.fetch(stored, projection="a" * 4096)["Item"] == {}
    with invalid(PREFIX + "Expression size has exceeded the maximum allowed size;"):
        table_ss.fetch(stored, projection="a" * 4097)


@pytest.mark.parametrize(
    "projection",
    [",", "a,", ",a", "a b", "a;b", "a.", "a[", "a[]", "a[-1]", "a[x]", ":v", "a = b", "f(a)", "*"],
)
def test_what_does_not_parse_is_a_syntax_error(table_ss, stored, projection):
    with refused(VALIDATION, contains=PREFIX):
        table_ss.fetch(stored, projection=projection)


def test_an_old_style_list_of_attributes_does_not_mix_with_expressions(table_ss, stored):
    with invalid(
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"
    ):
        table_ss.fetch(stored, projection="a", AttributesToGet=["a"])
