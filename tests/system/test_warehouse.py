"""From the ledger into the folder, the bucket and Snowflake: each row once in each, whatever is lost or killed on the way."""
import pathlib

import pytest

from test_export import earn
from weir import ask, wait_until

TABLES = {"searches": "id", "impressions": "search_id, position", "clicks": "id", "entries": "id", "revisions": "id",
          "rollups": "hour, source, currency"}
MONEY = {"impressions": ("bid_micros", "bid_currency"), "clicks": ("bid_micros", "bid_currency"),
         "entries": ("amount_micros", "currency"), "revisions": ("earned_micros", "currency"), "rollups": ("earned_micros", "currency")}


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request, make_weir, bucket, snowflake, export_settings):
    """A deployment that exports to all three and rolls up by hand only."""
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    deployment = make_weir(database=database, settings=f"warehouse:\n  lag: 0s{export_settings}")
    deployment.snowflake, deployment.bucket = snowflake, bucket
    deployment.start()
    stop_schedule(deployment, "warehouse.export")
    stop_schedule(deployment, "revenue.rollup")
    return deployment


def stop_schedule(weir, kind):
    """From now on, the test alone does it."""
    def waiting():
        return [task for state in ("ready", "running") for task in ask(f"{weir.url}/v1/tasks?state={state}").json()["tasks"]
                if task["kind"] == kind]
    weir.command("task", "pause", f"{kind} all")
    wait_until(lambda: not waiting(), f"all {kind} that was planned is over")


def counted(weir, table):
    """Rows, distinct keys, and sums of one table: in the files, and in Snowflake."""
    money, currency = MONEY.get(table, (None, None))
    sums = f", COALESCE({currency}, '') AS currency, CAST(COALESCE(SUM({money}), 0) AS VARCHAR) AS micros" if money else ""
    sql = (f"SELECT CAST(COUNT(*) AS VARCHAR) AS n, CAST(COUNT(DISTINCT ({TABLES[table]})) AS VARCHAR) AS keys{sums} FROM {table}"
           + (f" GROUP BY COALESCE({currency}, '') ORDER BY COALESCE({currency}, '')" if money else ""))
    files = [list(row.values()) for row in weir.json("query", sql)]
    return files, [list(row) for row in weir.snowflake.query(sql)]


def check_all_agree(weir, empty=()):
    for table in TABLES:
        if table in empty:
            continue
        files, loaded = counted(weir, table)
        assert files == loaded, table
        assert files and all(row[0] == row[1] for row in files), table
    folder = weir.data / "warehouse"
    keys = {str(path.relative_to(folder)) for path in folder.rglob("*.parquet")}
    for key in keys:
        assert weir.bucket.get(f"weir/{key}") == (folder / key).read_bytes()
    loads = weir.snowflake.query("SELECT file FROM _WEIR_LOADS")
    assert sorted(row[0] for row in loads) == sorted(keys)


DATABASE = {"searches": "SELECT COUNT(*), COUNT(DISTINCT id) FROM search",
            "clicks": "SELECT COUNT(*), COUNT(DISTINCT id), bid_currency, SUM(bid_micros) FROM click GROUP BY 3 ORDER BY 3",
            "entries": "SELECT COUNT(*), COUNT(DISTINCT id), currency, SUM(amount_micros) FROM entry GROUP BY 3 ORDER BY 3",
            "revisions": "SELECT COUNT(*), COUNT(DISTINCT id), currency, SUM(earned_micros) FROM revision GROUP BY 3 ORDER BY 3"}


def states(weir):
    return {(table["table"], to["destination"]): to["state"]
            for table in ask(f"{weir.url}/v1/exports").json()["tables"] for to in table["destinations"]}


def test_the_folder_the_bucket_and_snowflake_agree(shop):
    for seconds in (2, 3, 3600):
        earn(shop, seconds)
        shop.command("export")
        check_all_agree(shop, empty=("rollups",))
    for table, sql in DATABASE.items():
        assert counted(shop, table)[1] == shop.rows(sql), table
    assert int(shop.rows("SELECT COUNT(*) FROM revision WHERE rev > 1")[0][0]) > 0, "no line was corrected"
    assert set(states(shop).values()) == {"current"}
    # Nothing new: nothing is asked of anybody.
    asked = len(shop.snowflake.asked)
    shop.command("export")
    assert len(shop.snowflake.asked) == asked


def export_fails(weir):
    """An export that tells a failure; the schedule is paused, so it is this one's own."""
    return weir.command("export", code=1)


def test_an_answer_lost_after_the_commit_changes_nothing(shop):
    earn(shop, 60)
    shop.snowflake.plan("lose", "MERGE INTO entries")
    export_fails(shop)
    assert states(shop)["entries", "snowflake"] == "failing"
    assert len(shop.snowflake.query("SELECT * FROM _WEIR_LOADS WHERE table_name = 'entries'")) == 1
    executed = len(shop.snowflake.executed)
    shop.command("export")
    check_all_agree(shop, empty=("rollups",))
    # The same request once more, which is known, and not executed again.
    entries = [asked for asked in shop.snowflake.asked if "COPY INTO entries" in asked[2]]
    assert [(asked[0], asked[1]) for asked in entries] == [(entries[0][0], False), (entries[0][0], True)]
    assert not any("COPY INTO entries" in sql for sql in shop.snowflake.executed[executed:])


def test_a_load_that_snowflake_has_forgotten_is_executed_again_and_changes_nothing(shop):
    earn(shop, 60)
    shop.snowflake.plan("lose", "MERGE INTO clicks", then=shop.snowflake.requests.clear)
    export_fails(shop)
    shop.command("export")
    check_all_agree(shop, empty=("rollups",))
    assert sum("COPY INTO clicks" in sql for sql in shop.snowflake.executed) == 2


def visit(weir):
    """A search and a click."""
    weir.click(weir.search(q="engineer", mode="widest")["listings"][0])
    weir.wait_shipped()


def test_a_load_that_breaks_off_leaves_nothing_and_is_made_again(shop):
    earn(shop, 60)
    shop.command("export")
    for statement in range(7):
        before = shop.snowflake.query("SELECT id FROM searches")
        visit(shop)
        shop.snowflake.plan("crash", "MERGE INTO searches", statement=statement)
        export_fails(shop)
        assert shop.snowflake.query("SELECT id FROM searches") == before
        shop.command("export")
    check_all_agree(shop, empty=("rollups",))


def kill_when(weir, plan):
    """Runs an export that is killed when the plan comes to pass."""
    process = weir.start("export", ready=False)
    weir.snowflake.plan(*plan[:2], then=process.kill, **(plan[2] if len(plan) > 2 else {}))
    process.wait(60)
    assert process.returncode == -9, process.returncode


# Before anything was sent, while it is executed, after it was committed, after it was counted.
DEATHS = (("crash", "CREATE TABLE IF NOT EXISTS clicks", {"statement": 1}), ("crash", "MERGE INTO searches", {"statement": 6}),
          ("lose", "MERGE INTO searches"), ("lose", "MERGE INTO clicks"), ("lose", "FROM _WEIR_LOADS WHERE load_id"))


def test_an_export_killed_while_snowflake_works_is_finished_by_the_next(shop):
    earn(shop, 60)
    for plan in DEATHS:
        kill_when(shop, plan)
        visit(shop)
    shop.command("export")
    check_all_agree(shop, empty=("rollups",))


def test_a_file_that_is_not_what_left_is_an_alert_and_is_not_loaded(shop):
    earn(shop, 60)
    shop.snowflake.plan("503", "MERGE INTO entries")
    export_fails(shop)
    entries = next(table for table in shop.json("export", "--status")[0]["tables"] if table["table"] == "entries")
    key = f"weir/{entries['last']['key']}"
    good = shop.bucket.get(key)
    shop.bucket.put(key, fewer_rows(shop, good))
    shop.snowflake.requests.clear()
    export_fails(shop)
    assert shop.snowflake.query("SELECT COUNT(*) FROM entries") == [["0"]]
    assert states(shop)["entries", "snowflake"] == "failing"
    # Nothing else waits for it.
    assert states(shop)["revisions", "snowflake"] == "current"
    alert, = ask(f"{shop.url}/v1/alerts").json()["alerts"]
    assert alert["key"] == "export:entries:snowflake" and "Division by zero" in alert["message"]
    shop.bucket.put(key, good)
    shop.command("export")
    check_all_agree(shop, empty=("rollups",))
    assert ask(f"{shop.url}/v1/alerts").json()["alerts"] == []


def fewer_rows(weir, parquet):
    """The file without its last row."""
    folder = pathlib.Path(weir.data) / "tampered"
    folder.mkdir()
    (folder / "good.parquet").write_bytes(parquet)
    weir.snowflake.query(f"COPY (SELECT * FROM read_parquet('{folder}/good.parquet') QUALIFY row_number() OVER (ORDER BY id DESC) > 1) "
                         f"TO '{folder}/fewer.parquet' (FORMAT parquet)")
    return (folder / "fewer.parquet").read_bytes()


def test_a_bucket_that_is_not_reached_holds_up_only_itself(shop):
    earn(shop, 60)
    config = shop.config.read_text()
    shop.config.write_text(config.replace(shop.bucket.server.url, "http://127.0.0.1:9"))
    export_fails(shop)
    told = states(shop)
    assert told["entries", "folder"] == "current" and told["searches", "s3"] == "failing" and told["entries", "s3"] == "behind"
    assert told["entries", "snowflake"] == "behind"
    shop.config.write_text(config)
    shop.command("export")
    check_all_agree(shop, empty=("rollups",))


def test_without_a_folder_files_go_to_the_bucket_alone(shop):
    earn(shop, 60)
    shop.config.write_text(shop.config.read_text().replace("warehouse:\n", "warehouse:\n  folder: none\n"))
    shop.command("export")
    assert {destination for _, destination in states(shop)} == {"s3", "snowflake"} and set(states(shop).values()) == {"current"}
    assert int(shop.snowflake.query("SELECT COUNT(*) FROM entries")[0][0]) == int(shop.rows("SELECT COUNT(*) FROM entry")[0][0]) > 0
    shop.command("query", "SELECT 1", code=2)


def roll_up(weir, run, *rows):
    """What a run of rollups leaves: rows of (hour, currency, clicks, micros)."""
    values = ", ".join(f"({hour} * 3600000000, 'acme', '{currency}', 0, {clicks}, {clicks}, {micros}, 5, {run}, 0)"
                       for hour, currency, clicks, micros in rows)
    weir.change(f"INSERT INTO rollup VALUES {values} ON CONFLICT (hour_us, source, currency) DO UPDATE SET clicks = excluded.clicks, "
                "attributed_micros = excluded.attributed_micros, run = excluded.run",
                f"UPDATE rollup_state SET run = {run}, complete_run = {run}")


def test_rollups_that_change_are_the_newest_everywhere(shop):
    earn(shop, 60)
    newest = int(shop.rows("SELECT MAX(run) FROM rollup_state")[0][0])
    roll_up(shop, newest + 1, (1, "USD", 0, 100), (2, "EUR", 0, 200), (2, "", 3, 0))
    shop.command("export")
    check_all_agree(shop)
    roll_up(shop, newest + 2, (1, "USD", 0, -50), (2, "", 4, 0), (3, "USD", 0, 7))
    shop.snowflake.plan("lose", "MERGE INTO rollups", then=shop.snowflake.requests.clear)
    export_fails(shop)
    shop.command("export")
    check_all_agree(shop)
    sums = "SELECT CAST(COUNT(*) AS VARCHAR) AS n, CAST(SUM(clicks) AS VARCHAR) AS clicks, CAST(SUM(earned_micros) AS VARCHAR) AS micros FROM rollups"
    assert shop.snowflake.query(f"{sums} WHERE source = 'acme'") == [["4", "4", str(-50 + 200 + 7 + 4 * 5)]]
    # Loads that come again in any order leave the newest.
    shop.change("UPDATE export_delivery SET export_id = 0 WHERE destination = 'snowflake'")
    shop.snowflake.requests.clear()
    shop.command("export")
    check_all_agree(shop)
