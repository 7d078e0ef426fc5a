"""PartiQL statements in short, for the tests about them, with their fixtures."""

import re

import pytest

from support import L, M, N, S, SS, unique

NOT_WELL_FORMED = "Statement wasn't well formed, can't be processed: "
INCOMPLETE = "Where clause does not contain a mandatory equality on all key attributes"


class Statements:
    """Statements on one table; `{t}` in a text stands for its name in quotes."""

    def __init__(self, table):
        self.table = table
        self.client = table.client

    def text(self, statement):
        return statement.replace("{t}", f'"{self.table.name}"')

    def run(self, statement, *parameters, **rest):
        """The whole answer."""
        if parameters:
            rest["Parameters"] = list(parameters)
        return self.client.execute_statement(Statement=self.text(statement), **rest)

    def items(self, statement, *parameters, **rest):
        """The items of all pages."""
        items, token = [], {}
        while True:
            page = self.run(statement, *parameters, **rest, **token)
            items += page["Items"]
            if "NextToken" not in page:
                assert "LastEvaluatedKey" not in page
                return items
            token = {"NextToken": page["NextToken"]}

    def values(self, attribute, statement, *parameters, **rest):
        """What one attribute of type S or N is in the items, in order."""
        return [next(iter(i[attribute].values())) for i in self.items(statement, *parameters, **rest)]

    def member(self, statement, *parameters, **rest):
        """A statement for a batch or a transaction."""
        member = {"Statement": self.text(statement)} | rest
        if parameters:
            member["Parameters"] = list(parameters)
        return member

    def batch(self, *members, **rest):
        return self.client.batch_execute_statement(Statements=list(members), **rest)

    def transact(self, *members, **rest):
        return self.client.execute_transaction(TransactStatements=list(members), **rest)


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


def at(statement, token, length=None, after=""):
    """`line:column:length` of a token in a statement of one line, behind some text.

    It stands alone: a table's name, which is drawn by lot, may have the same characters in it.
    """
    rest = statement.index(after) + len(after)
    word = re.compile(rf"(?<!\w){re.escape(token)}(?!\w)")
    index = word.search(statement, rest).start()
    return f"1:{index + 1}:{length or len(token)}"
