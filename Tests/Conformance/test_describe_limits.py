"""DescribeLimits and DescribeEndpoints."""


def test_limits_are_told(client):
    limits = client.describe_limits()
    for name in ("AccountMaxReadCapacityUnits", "AccountMaxWriteCapacityUnits",
                 "TableMaxReadCapacityUnits", "TableMaxWriteCapacityUnits"):
        assert isinstance(limits[name], int) and limits[name] > 0
    assert limits["TableMaxReadCapacityUnits"] <= limits["AccountMaxReadCapacityUnits"]


def test_the_endpoint_is_told(client, raw):
    (endpoint,) = client.describe_endpoints()["Endpoints"]
    assert endpoint["Address"]
    assert endpoint["CachePeriodInMinutes"] > 0
    assert not endpoint["Address"].startswith("http")
