"""Fixtures: the endpoint under test, clients for it, and tables."""

import os
import tempfile

import pytest
from botocore.exceptions import ClientError

from indexes import definitions, index
from processes import Region, client_for, resource_for, streams_for
from support import Table, schema, unique, wait_active
from wire import Raw


def pytest_collection_modifyitems(config, items):
    if os.environ.get("MERIDIAN_ENDPOINT"):
        skip = pytest.mark.skip(reason="needs processes of its own, and an endpoint was given")
        for item in items:
            if "processes" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def endpoint():
    """The URL of the service: MERIDIAN_ENDPOINT, or a regiond started for this run."""
    given = os.environ.get("MERIDIAN_ENDPOINT")
    if given:
        yield given.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="meridian-") as directory:
        region = Region("us-east-1", directory).start()
        yield region.endpoint
        died = not region.running
        words = region.last_words()
        region.stop()
        if died:
            pytest.fail(f"regiond died during the tests:\n{words}")


@pytest.fixture(scope="session")
def client(endpoint):
    """boto3's client as an application has it."""
    return client_for(endpoint)


@pytest.fixture(scope="session")
def loose(endpoint):
    """A client that validates nothing, so that bad input reaches the server."""
    return client_for(endpoint, parameter_validation=False)


@pytest.fixture(scope="session")
def streams(endpoint):
    """A client of DynamoDB Streams that validates nothing."""
    return streams_for(endpoint, parameter_validation=False)


@pytest.fixture(scope="module")
def started():
    """Starts regions of a module's own, with settings: `started("streams.shardDuration: 1s")`."""
    with tempfile.TemporaryDirectory(prefix="meridian-") as directory:
        regions = []

        def start(*settings):
            folder = os.path.join(directory, str(len(regions)))
            os.mkdir(folder)
            regions.append(Region("us-east-1", folder, settings))
            regions[-1].start()
            return regions[-1]

        try:
            yield start
        finally:
            for region in regions:
                region.stop()


@pytest.fixture(scope="session")
def resource(endpoint):
    """boto3's resource: Python values in and out."""
    return resource_for(endpoint)


@pytest.fixture(scope="session")
def raw(endpoint):
    """Requests by hand."""
    return Raw(endpoint)


class Tables:
    """Makes tables with names of their own, and drops them."""

    def __init__(self, loose):
        self.loose = loose
        self.made = []

    def create(self, hash_type="S", range_type=None, name=None, **rest):
        name = name or unique("t-")
        if "ProvisionedThroughput" not in rest:
            rest.setdefault("BillingMode", "PAY_PER_REQUEST")
        arguments = schema(hash_type, range_type) | rest
        self.loose.create_table(TableName=name, **arguments)
        self.made.append(name)
        wait_active(self.loose, name)
        return Table(self.loose, name)

    def drop(self):
        for name in self.made:
            try:
                self.loose.delete_table(TableName=name)
            except ClientError:
                pass  # The test dropped it itself, or left it busy; the directory goes anyway.
        self.made.clear()


@pytest.fixture
def tables(loose):
    """A factory of tables that live as long as the test."""
    factory = Tables(loose)
    yield factory
    factory.drop()


@pytest.fixture(scope="session")
def shared(loose):
    factory = Tables(loose)
    yield factory
    factory.drop()


@pytest.fixture(scope="session")
def table_s(shared):
    """Shared table with partition key `p` (S); tests use keys of their own."""
    return shared.create("S")


@pytest.fixture(scope="session")
def table_n(shared):
    return shared.create("N")


@pytest.fixture(scope="session")
def table_b(shared):
    return shared.create("B")


@pytest.fixture(scope="session")
def table_ss(shared):
    """Shared table with partition key `p` (S) and sort key `c` (S)."""
    return shared.create("S", "S")


@pytest.fixture(scope="session")
def table_sn(shared):
    return shared.create("S", "N")


@pytest.fixture(scope="session")
def table_sb(shared):
    return shared.create("S", "B")


@pytest.fixture(scope="session")
def indexed(shared):
    """Shared table with partition key `p`; index `by-x` on `x` (S) with all attributes, `by-n` on `x`
    and `n` (N) with keys only, `some` on `y` with `a` and `b`."""
    return shared.create(
        AttributeDefinitions=definitions(p="S", x="S", n="N", y="S"),
        GlobalSecondaryIndexes=[
            index("by-x", "x"),
            index("by-n", "x", "n", "KEYS_ONLY"),
            index("some", "y", include=["a", "b"]),
        ],
    )


@pytest.fixture
def key():
    """The key of an item that is this test's alone, for tables with a partition key only."""
    return {"p": {"S": unique()}}
