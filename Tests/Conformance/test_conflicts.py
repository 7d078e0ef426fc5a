"""The conflict log through `globalctl conflicts`: complete, found, exported, put back; and torn
transactions."""

import json

import pytest

from processes import Cluster
from support import N, S, global_table, let_time_pass, wait_until

pytestmark = pytest.mark.processes

HOME, AWAY = REGIONS = ["us-east-1", "eu-west-1"]


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(REGIONS)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def views(cluster):
    clients = {region: cluster.client(region) for region in REGIONS}
    return global_table(clients, "conflicts")


def key(name):
    return {"p": S(name)}


def conflict(cluster, views, *names):
    """Makes a conflict on each of some items, and waits until both regions have it on record; the
    second region's write wins."""
    home, away = views
    with cluster.apart():
        for name in names:
            home.put(key(name) | {"n": N(1)})
        let_time_pass()
        for name in names:
            away.put(key(name) | {"n": N(2)})
    for view in views:
        for name in names:
            wait_until(
                lambda view=view, name=name: view.get(key(name)) == key(name) | {"n": N(2)},
                f"{name} is the second region's in both",
            )
    for name in names:
        wait_until(
            lambda name=name: {one["region"] for one in logged(cluster, views, name)}
            == set(REGIONS),
            f"both regions have a record of {name}",
        )


def run(cluster, *arguments, code=0):
    done, text, complaints = cluster.globalctl("conflicts", *arguments)
    assert done == code, f"{arguments}: {done}\n{text}\n{complaints}"
    return text if code == 0 else complaints


def listed(cluster, *arguments):
    """The records that `list` shows, with their region, all of one list."""
    answer = json.loads(run(cluster, "list", "--output", "json", *arguments))
    return [
        record | {"region": region["region"]}
        for region in answer["regions"]
        for record in region["conflicts"]
    ]


def logged(cluster, views, name, *arguments):
    return listed(
        cluster, "--table", views[0].name, "--key", f"p={name}", *arguments
    )


def test_both_regions_log_the_loser_and_keep_it_through_a_crash(cluster, views):
    conflict(cluster, views, "logged")
    found = logged(cluster, views, "logged")
    assert sorted(record["region"] for record in found) == sorted(REGIONS)
    for record in found:
        assert record["loser"]["item"] == key("logged") | {"n": N(1)}
        assert record["winner"]["item"] == key("logged") | {"n": N(2)}
        assert record["loser"]["stamp"]["origin"].startswith(HOME)
        assert record["transaction"] is None
    region = cluster.regions[AWAY]
    region.kill()
    region.start()
    assert logged(cluster, views, "logged") == found, "the records are still there"

    shown = json.loads(
        run(cluster, "show", found[0]["id"], "--region", found[0]["region"], "--output", "json")
    )
    assert shown == found[0]
    text = run(cluster, "show", found[0]["id"])
    assert found[0]["winner"]["stamp"]["time"] in text and '{"N":"1"}' in text


def test_records_are_found_by_table_key_time_and_region(cluster, views):
    table = views[0].name
    conflict(cluster, views, "early")
    early = logged(cluster, views, "early")
    conflict(cluster, views, "late-1", "late-2")
    since = str(max(record["detectedMilliseconds"] for record in early) + 1)

    def keys(*arguments):
        return sorted({record["key"]["p"]["S"] for record in listed(cluster, *arguments)})

    assert keys("--table", table, "--since", since) == ["late-1", "late-2"]
    assert "early" in keys(table, "--until", since)
    assert "late-1" not in keys(table, "--until", since)
    assert keys("--table", table, "--key", "p=late-2") == ["late-2"]
    assert keys(table, "--since", "1h", "--key", "p=none") == []
    assert keys("--table", table, "--since", since, "--origin", HOME) == ["late-1", "late-2"]
    assert keys("--table", table, "--since", since, "--origin", AWAY) == []
    assert {record["region"] for record in listed(cluster, table, "--region", AWAY)} == {AWAY}
    limited = listed(cluster, table, "--since", since, "--limit", "1", "--region", HOME)
    assert len(limited) == 1
    assert "has more" in run(cluster, "list", table, "--since", since, "--limit", "1")
    # Of an earlier table is listed what it has, in the same order as without a limit.
    everything = listed(cluster, "--limit", "1000", "--region", HOME)
    assert [record["id"] for record in everything] == sorted(r["id"] for r in everything)


def test_an_export_goes_on_where_it_ended(cluster, views, tmp_path):
    table = views[0].name
    conflict(cluster, views, "first-1", "first-2")
    file = tmp_path / "conflicts.jsonl"
    export = ("export", "--table", table, "--output", str(file))
    run(cluster, *export)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sorted((r["region"], r["id"]) for r in lines) == sorted(
        (r["region"], r["id"]) for r in listed(cluster, table, "--limit", "1000")
    )
    members = "region id table key detectedMilliseconds winner loser transaction"
    assert list(lines[0]) == members.split()
    assert "say --resume" in run(cluster, *export, code=1)

    # As if the export had been killed amid a line, and something came since.
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) - len(whole.splitlines()[-1]) // 2])
    conflict(cluster, views, "second")
    run(cluster, *export, "--resume")
    resumed = [json.loads(line) for line in file.read_text().splitlines()]
    assert sorted((r["region"], r["id"]) for r in resumed) == sorted(
        (r["region"], r["id"]) for r in listed(cluster, table, "--limit", "1000")
    )
    run(cluster, *export, "--resume")
    assert [json.loads(line) for line in file.read_text().splitlines()] == resumed

    lines = run(cluster, "export", "--table", table, "--region", HOME).splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == sorted(
        record["id"] for record in resumed if record["region"] == HOME
    )
    (tmp_path / "other").write_text("not an export\n")
    assert "not an export" in run(
        cluster, "export", "--output", str(tmp_path / "other"), "--resume", code=1
    )


def test_a_loser_is_put_back_as_a_new_write(cluster, views):
    conflict(cluster, views, "restored")
    record = logged(cluster, views, "restored", "--region", AWAY)[0]
    where = (record["id"],)
    tried = run(cluster, "restore", *where, "--dry-run")
    assert "would write" in tried and '{"N":"1"}' in tried
    for view in views:
        assert view.get(key("restored")) == key("restored") | {"n": N(2)}
    done = json.loads(run(cluster, "restore", *where, "--output", "json"))
    assert done["outcome"] == "restored" and done["stamp"]
    for view in views:
        wait_until(
            lambda view=view: view.get(key("restored")) == key("restored") | {"n": N(1)},
            "the loser is back in both regions",
        )
    assert "not current" in run(cluster, "restore", *where, code=1)


def test_a_loser_is_not_put_back_over_a_later_write(cluster, views):
    conflict(cluster, views, "later")
    record = logged(cluster, views, "later", "--region", HOME)[0]
    views[0].put(key("later") | {"n": N(3)})
    where = (record["id"], "--region", HOME)
    assert "not current" in run(cluster, "restore", *where, "--dry-run", code=1)
    assert "not current" in run(cluster, "restore", *where, code=1)
    assert views[0].get(key("later")) == key("later") | {"n": N(3)}


def test_a_transaction_that_lost_an_item_is_recorded_as_torn(cluster, views):
    home, away = views
    names = ["torn-1", "torn-2", "torn-3"]
    with cluster.apart():
        home.client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": home.name, "Item": key(name) | {"n": N(1)}}}
                for name in names
            ]
        )
        let_time_pass()
        away.put(key("torn-2") | {"n": N(2)})
    for view in views:
        for name, number in zip(names, (1, 2, 1)):
            wait_until(
                lambda view=view, name=name, number=number: view.get(key(name))
                == key(name) | {"n": N(number)},
                "the transaction is torn",
            )
    for region in REGIONS:
        found = listed(cluster, home.name, "--torn", "--region", region)
        assert [record["key"] for record in found] == [key("torn-2")]
        transaction = found[0]["transaction"]
        assert transaction["itemCount"] == 3
        assert [item["key"] for item in transaction["items"]] == [key(name) for name in names]
        shown = json.loads(
            run(cluster, "show", found[0]["id"], "--region", region, "--output", "json")
        )
        stands = [item["stands"] for item in shown["transaction"]["items"]]
        assert stands == [True, False, True]
        text = run(cluster, "show", found[0]["id"], "--region", region)
        assert "a transaction of 3 items" in text and text.count("stands") == 2
        cluster.regions[region].wait_said("is torn")
    assert "of 3 items" in run(cluster, "list", home.name, "--torn")


def test_exit_codes_tell_the_truth(cluster, views):
    run(cluster, "show", "00", code=1)
    run(cluster, "show", "no-id", code=1)
    run(cluster, "restore", "00", code=1)
    run(cluster, "list", "--table", "no-such-table", code=1)
    run(cluster, "list", "--region", "no-such-region", code=1)
    run(cluster, "list", "--limit", "0", code=2)
    run(cluster, "list", "--since", "yesterday", code=2)
    run(cluster, "list", "--table", views[0].name, "--key", "other=1", code=1)
    region = cluster.regions[AWAY]
    region.kill()
    try:
        assert AWAY in run(cluster, "list", views[0].name, code=1)
        run(cluster, "list", views[0].name, "--region", HOME)
        run(cluster, "export", "--table", views[0].name, code=1)
    finally:
        region.start()


def test_records_go_when_they_are_older_than_the_retention(cluster, views):
    conflict(cluster, views, "retained")
    region = cluster.regions[HOME]
    settings = region.config.read_text()
    region.stop()
    region.config.write_text(settings + "conflicts.retention: 1s\n")
    region.start()
    try:
        wait_until(
            lambda: not listed(cluster, views[0].name, "--region", HOME), "the records are gone"
        )
        assert listed(cluster, views[0].name, "--region", AWAY)
    finally:
        region.stop()
        region.config.write_text(settings)
        region.start()
