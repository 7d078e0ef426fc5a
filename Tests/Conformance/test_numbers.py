"""Numbers: exact to 38 digits, in one canonical form, within their range."""

import pytest

from support import N, NS, S, VALIDATION, counted, invalid, normal, refused

OVERFLOW = (
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
)
UNDERFLOW = (
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"
)
TOO_PRECISE = "Attempting to store more than 38 significant digits in a Number"

CANONICAL = [
    ("0", "0"),
    ("-0", "0"),
    ("0.0", "0"),
    ("0e100", "0"),
    ("+5", "5"),
    ("007", "7"),
    ("1.0", "1"),
    ("1.50", "1.5"),
    (".5", "0.5"),
    ("-.5", "-0.5"),
    ("1e3", "1000"),
    ("1E3", "1000"),
    ("1e+3", "1000"),
    ("1.5e1", "15"),
    ("1e-5", "0.00001"),
    ("-12.34e-2", "-0.1234"),
    ("100000000000000000000", "100000000000000000000"),
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    ("0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"),
    ("-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999"),
    ("1" + "0" * 60, "1" + "0" * 60),
    ("00000000000000000000000000000000000000000000001", "1"),
    ("1.00000000000000000000000000000000000000000000", "1"),
    ("1e125", "1" + "0" * 125),
    ("9.9999999999999999999999999999999999999e125", "9" * 38 + "0" * 88),
    ("-9.9999999999999999999999999999999999999e125", "-" + "9" * 38 + "0" * 88),
    ("1e-130", "0." + "0" * 129 + "1"),
    ("-1e-130", "-0." + "0" * 129 + "1"),
]


@pytest.mark.parametrize("written, read", CANONICAL, ids=lambda v: v[:24])
def test_a_number_has_one_form(table_s, key, written, read):
    table_s.put(key | {"n": {"N": written}})
    assert table_s.get(key)["n"] == {"N": read}


@pytest.mark.parametrize(
    "written, message",
    [
        ("1e126", OVERFLOW),
        ("-1e126", OVERFLOW),
        ("1" + "0" * 126, OVERFLOW),
        ("1e1000000", OVERFLOW),
        ("1e-131", UNDERFLOW),
        ("-1e-131", UNDERFLOW),
        ("1e-1000000", UNDERFLOW),
        ("123456789012345678901234567890123456789", TOO_PRECISE),
        ("0.123456789012345678901234567890123456789", TOO_PRECISE),
        ("1.00000000000000000000000000000000000001", TOO_PRECISE),
    ],
    ids=lambda v: v[:30],
)
def test_a_number_out_of_range_is_refused(table_s, key, written, message):
    with counted(message):
        table_s.put(key | {"n": {"N": written}})
    assert table_s.get(key) is None


@pytest.mark.parametrize(
    "written",
    ["abc", "1a", "1 2", "0x10", "1e", "e5", "--1", "1.2.3", "NaN", "Infinity", "-", "+", ".",
     "1,000", "1_000", "١", "1e5.5", "1e99999999999999999999999"],
)
def test_what_is_no_number_is_refused(table_s, key, written):
    with refused(VALIDATION):
        table_s.put(key | {"n": {"N": written}})


def test_the_refusal_says_what_is_no_number(table_s, key):
    with counted("The parameter cannot be converted to a numeric value: 1a"):
        table_s.put(key | {"n": {"N": "1a"}})


NO_NUMBER = "The parameter cannot be converted to a numeric value"


@pytest.mark.parametrize(
    "written, newer, older",
    [
        ("", f"{NO_NUMBER}: ", NO_NUMBER),
        ("1e126", OVERFLOW, OVERFLOW),
        ("1e2147483647", OVERFLOW, UNDERFLOW),
        ("1e2147483648", OVERFLOW, f"{NO_NUMBER}: 1e2147483648"),
        ("1e-2147483648", UNDERFLOW, f"{NO_NUMBER}: 1e-2147483648"),
        ("0e2147483648", OVERFLOW, f"{NO_NUMBER}: 0e2147483648"),
    ],
)
def test_older_operations_read_exponents_of_32_bits(loose, table_s, key, written, newer, older):
    name, value = table_s.name, {"N": written}
    with invalid(newer):
        table_s.query("p = :p", filter="n = :n", values={":p": key["p"], ":n": value})
    with counted(newer):
        table_s.put(key | {"n": value})
    with invalid(older):
        loose.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": key | {"n": value}}}]})
    with invalid(older):
        put = {"TableName": name, "Item": key | {"n": value}}
        loose.transact_write_items(TransactItems=[{"Put": put}])
    with invalid(f"ExpressionAttributeValues contains invalid value: {older} for key :n"):
        table_s.scan(filter="n = :n", values={":n": value})
    with invalid(older):
        loose.execute_statement(
            Statement=f"SELECT * FROM \"{name}\" WHERE n = ?", Parameters=[value]
        )


def test_a_long_run_of_digits_is_refused_and_harmless(table_s, key):
    with refused(VALIDATION):
        table_s.put(key | {"n": {"N": "9" * 200_000}})


def test_numbers_in_a_set_are_canonical(table_s, key):
    table_s.put(key | {"s": NS("1.0", "2e1", "-0.50")})
    assert normal(table_s.get(key)["s"]) == normal(NS("1", "20", "-0.5"))


# Arithmetic


@pytest.mark.parametrize(
    "left, operator, right, result",
    [
        ("1", "+", "2", "3"),
        ("1", "-", "2", "-1"),
        ("0.1", "+", "0.2", "0.3"),
        ("1", "-", "1", "0"),
        ("1.5", "-", "0.5", "1"),
        ("99999999999999999999999999999999999998", "+", "1", "9" * 38),
        ("12345678901234567890.123456789", "+", "0.000000001", "12345678901234567890.12345679"),
        ("1e20", "+", "1e-10", "100000000000000000000.0000000001"),
        ("-5", "+", "3", "-2"),
        ("1e125", "-", "1e125", "0"),
        ("1e100", "+", "1e100", "2" + "0" * 100),
        ("0", "-", "1e-130", "-0." + "0" * 129 + "1"),
    ],
    ids=lambda v: v[:20],
)
def test_arithmetic_is_exact(table_s, key, left, operator, right, result):
    table_s.put(key | {"a": N(left)})
    table_s.update(key, f"SET b = a {operator} :v", values={":v": N(right)})
    assert table_s.get(key)["b"] == N(result)


@pytest.mark.parametrize("before, added, after", [
    ("1", "1", "2"), ("0.1", "0.2", "0.3"), ("5", "-7", "-2"), ("9" * 37, "1", "1" + "0" * 37),
], ids=lambda v: v[:10])
def test_add_is_exact(table_s, key, before, added, after):
    table_s.put(key | {"a": N(before)})
    table_s.update(key, "ADD a :v", values={":v": N(added)})
    assert table_s.get(key)["a"] == N(after)


@pytest.mark.parametrize("expression", ["ADD a :v", "SET a = a + :v"])
def test_a_sum_beyond_the_range_is_refused(table_s, key, expression):
    table_s.put(key | {"a": N("9e125")})
    with invalid(OVERFLOW):
        table_s.update(key, expression, values={":v": N("9e125")})
    assert table_s.get(key)["a"] == N("9" + "0" * 125)


def test_a_thousand_small_steps_add_up(table_s, key):
    for _ in range(100):
        table_s.update(key, "ADD a :v", values={":v": N("0.01")})
    assert table_s.get(key)["a"] == N("1")


# Comparison


def test_numbers_compare_by_value(table_s, key):
    table_s.put(key | {"n": N("10")})
    for condition, value in [("n = :v", "1e1"), ("n > :v", "9"), ("n < :v", "100"),
                             ("n >= :v", "10.0"), ("n <> :v", "10.0000001"), ("n > :v", "-11")]:
        table_s.update(key, condition=condition, values={":v": N(value)})


def test_equal_numbers_are_one_key(table_n):
    from support import unique

    base = str(int(unique("").encode().hex(), 16) % 10**15 + 10**15)
    table_n.put({"p": N(base), "a": S("1")})
    table_n.put({"p": N(base + ".0"), "a": S("2")})
    table_n.put({"p": N("000" + base), "a": S("3")})
    found = table_n.get({"p": N(f"{base}e0")})
    assert found == {"p": N(base), "a": S("3")}


SORTED = ["-1e125", "-100", "-99.5", "-99", "-10", "-9", "-1", "-0.5", "-0.1", "-0.09", "-1e-130",
          "0", "1e-130", "0.09", "0.1", "0.5", "1", "1.00000000000000000000000000000000001",
          "9", "10", "99", "99.5", "100", "1e20", "1e125"]


def test_number_keys_sort_by_value(table_sn):
    from decimal import Decimal

    from support import unique

    p = S(unique())
    for number in reversed(SORTED):
        table_sn.put({"p": p, "c": N(number)})
    found = table_sn.query("p = :p", values={":p": p})["Items"]
    assert [Decimal(item["c"]["N"]) for item in found] == [Decimal(number) for number in SORTED]
