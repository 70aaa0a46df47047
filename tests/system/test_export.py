"""What leaves for analysis: the files say what the ledger says, to the millionth, each row once."""
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from weir import ROOT, ask, wait_until

DUCKDB = ROOT / "web/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so"

pytestmark = pytest.mark.skipif(not DUCKDB.exists(), reason="DuckDB is not installed in web/node_modules")


def day(offset):
    return (datetime.now(timezone.utc) + timedelta(days=offset)).strftime("%Y-%m-%d")


def earn(weir, seconds):
    """A search, clicks on what it shows, and whatever the partners report by then."""
    for listing in weir.search(q="engineer", mode="widest", per_page=40)["listings"][:20]:
        weir.click(listing)
    weir.wait_shipped()
    weir.control(f"advance?seconds={seconds}")
    weir.command("revenue", "pull", "--since", day(-3), "--until", day(3))


def ledger(weir):
    report = weir.json("revenue", "report", "--since", "2020-01-01", "--until", "2100-01-01")[0]
    return {(row["key"], item["currency"]): Decimal(item["earned"]["amount"])
            for row in report["rows"] for item in row["earnings"] if Decimal(item["earned"]["amount"])}


def exported(weir):
    rows = weir.json("query", "SELECT source, currency, SUM(amount_micros) AS micros FROM entries "
                              "WHERE account = 'receivable' GROUP BY ALL HAVING SUM(amount_micros) <> 0")
    return {(row["source"], row["currency"]): Decimal(row["micros"]) / 1000000 for row in rows}


@pytest.fixture(params=["sqlite", "postgres"])
def eager(request, make_weir):
    """A deployment whose rows need not grow old before they leave."""
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    deployment = make_weir(database=database, settings="warehouse: {lag: 0s}\n")
    deployment.start()
    return deployment


def export_all(weir):
    """The schedule may be at work: then this one is told so, and comes again."""
    done = []

    def tried():
        try:
            done.append(weir.json("export")[0])
            return True
        except AssertionError as error:
            assert "another export runs" in str(error), error
            return False
    wait_until(tried, "weir export has its turn", 30)
    return done[0]


def test_the_files_and_the_ledger_agree_to_the_last_millionth(eager):
    for seconds in (60, 3600):
        earn(eager, seconds)
        export_all(eager)
        assert ledger(eager)
        assert exported(eager) == ledger(eager)
    counts = eager.json("query", "SELECT (SELECT COUNT(*) FROM clicks) AS clicks, (SELECT COUNT(*) FROM searches) AS searches,"
                                 " (SELECT COUNT(*) FROM impressions) AS shown, (SELECT SUM(shown_count) FROM searches) AS said")[0]
    assert counts["clicks"] == 40 and counts["searches"] == 2
    assert counts["shown"] == counts["said"] > 0
    assert export_all(eager)["files"] == []


def test_money_is_found_at_its_click_in_the_files(eager):
    earn(eager, 600)
    export_all(eager)
    found = eager.json("query", "SELECT COUNT(*) AS entries, COUNT(c.id) AS clicks, COUNT(s.id) AS searches FROM entries e "
                                "LEFT JOIN clicks c ON c.id = e.click_id LEFT JOIN searches s ON s.id = c.search_id "
                                "WHERE e.account = 'attributed'")[0]
    assert found["entries"] == found["clicks"] == found["searches"] > 0


def test_answers_come_as_a_table_as_json_and_as_csv(eager):
    earn(eager, 60)
    export_all(eager)
    sql = "SELECT 'a,b' AS text, 1::BIGINT AS number, NULL AS nothing, true AS truth"
    assert eager.json("query", sql) == [{"text": "a,b", "number": 1, "nothing": None, "truth": True}]
    assert eager.command("query", sql, "--csv") == "text,number,nothing,truth\n\"a,b\",1,,true\n"
    table = eager.command("query", "SELECT source, COUNT(*) AS clicks FROM clicks GROUP BY 1 ORDER BY 1").splitlines()
    assert table[0].split() == ["source", "clicks"]
    assert table[-1] == f"({len(table) - 2} rows)"
    eager.command("query", "SELECT nonsense FROM clicks", code=1)
    eager.command("query", code=2)


def test_it_is_told_how_far_each_table_has_come(eager):
    earn(eager, 600)
    export_all(eager)
    tables = {table["table"]: table for table in ask(f"{eager.url}/v1/exports").json()["tables"]}
    assert set(tables) == {"searches", "impressions", "clicks", "entries", "revisions", "rollups"}
    for name in ("searches", "impressions", "clicks", "entries", "revisions"):
        table = tables[name]
        assert table["rows"] == eager.json("query", f"SELECT COUNT(*) AS n FROM {name}")[0]["n"] > 0
        assert table["last"]["rows"] > 0 and table["last"]["key"].startswith(f"v1/{name}/day=")
        assert table["error"] is None and table["waiting_late"] == 0 and table["watermark"] > 0
        folder, = table["destinations"]
        assert folder["destination"] == "folder" and folder["state"] == "current" and folder["behind"] == 0
        assert (folder["files"], folder["rows"], folder["bytes"]) == (table["files"], table["rows"], table["bytes"])
        assert folder["complete_at"] is not None and folder["error"] is None


def test_rollups_leave_when_their_run_is_complete(eager):
    earn(eager, 600)
    told = {}

    def told_of_all():
        eager.tick("revenue.rollup all")
        export_all(eager)
        told["rows"] = eager.json("query", "SELECT SUM(clicks)::BIGINT AS clicks, SUM(impressions)::BIGINT AS impressions FROM rollups")[0]
        return told["rows"]["clicks"] == 20
    wait_until(told_of_all, "the rollups hold all clicks", 90)
    assert told["rows"]["impressions"] == eager.json("query", "SELECT COUNT(*) AS n FROM impressions")[0]["n"]


def test_the_status_is_printed_as_a_table_and_as_json(eager):
    earn(eager, 60)
    export_all(eager)
    lines = eager.command("export", "--status").splitlines()
    assert lines[0].split()[:3] == ["TABLE", "TO", "STATE"]
    assert {line.split()[0] for line in lines[1:]} == {"searches", "impressions", "clicks", "entries", "revisions", "rollups"}
    told = eager.json("export", "--status")[0]["tables"]
    asked = ask(f"{eager.url}/v1/exports").json()["tables"]
    assert [table["table"] for table in told] == [table["table"] for table in asked]


def test_the_questions_of_the_manual_have_answers(eager):
    earn(eager, 3600)
    export_all(eager)
    questions = re.findall(r"```sql\n(.*?)```", (ROOT / "docs/warehouse.md").read_text(), re.S)
    assert len(questions) == 6
    for question in questions:
        eager.json("query", question)
    earning = eager.json("query", questions[3])
    assert [row["keywords"] for row in earning if row["currency"] == "USD"] == ["engineer"]
