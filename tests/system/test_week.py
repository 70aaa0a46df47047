"""A week of a small business, on a clock that the test moves: at its end everybody's numbers are the same."""
import base64
import json
import shutil
import urllib.parse
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
import yaml

from duck import LIBRARY, Duck
from s3_stand_in import S3
from simulated_clock import LIBRARY as CLOCK
from simulated_clock import SimulatedClock
from test_loop import NETWORKS
from test_warehouse import stop_schedule
from weir import ROOT, ask, wait_until

MONDAY = datetime(2026, 3, 23, tzinfo=timezone.utc)  # the Sunday of this week has 23 hours in Europe
WORDS = {0: "engineer", 8: "driver", 16: "manager"}  # what is looked for at which hour
# The last stage of an earning stands 9 lags after its click: 27 hours.
LAG, MATURITY, LOOK_BACK = "3h", "30h", 10
PLANTED = ("fir", "2026-03-24")
ALERT = "reconcile/fir/2026-03-24/GBP"
# What goes wrong at Snowflake in which night.
MISHAPS = {1: ("lose", "MERGE INTO entries", {}), 2: ("crash", "MERGE INTO revisions", {"statement": 5}), 3: ("429", "MERGE INTO clicks", {}),
           4: ("accept", "MERGE INTO entries", {}), 5: ("500", "MERGE INTO entries", {}), 6: ("401", "MERGE INTO searches", {})}


@pytest.fixture
def clock(tmp_path):
    if CLOCK is None:
        pytest.skip("libfaketime is not installed")
    if not LIBRARY.exists():
        pytest.skip("DuckDB is not installed in web/node_modules")
    return SimulatedClock(tmp_path, MONDAY + timedelta(minutes=1))


@pytest.fixture
def s3_server(clock, tmp_path):
    server = S3(tmp_path / "objects", clock)
    yield server
    server.close()


def patient_sources(folder):
    """The definitions, with days that are final when the partners change them no more."""
    shutil.copytree(ROOT / "sources/sandbox", folder / "sandbox")
    for path in (folder / "sandbox").glob("*.yaml"):
        text = path.read_text()
        assert "maturity: 1h" in text and text.count("look_back_days: 3") == 2
        path.write_text(text.replace("maturity: 1h", f"maturity: {MATURITY}").replace("look_back_days: 3", f"look_back_days: {LOOK_BACK}"))
    return folder


@pytest.fixture(params=["sqlite", "postgres"])
def week(request, make_weir, clock, snowflake, export_settings, tmp_path):
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    deployment = make_weir(database=database, lag=LAG, environment=clock.environment,
                           settings=f"sources: {patient_sources(tmp_path / 'sources')}\nwarehouse:{export_settings}")
    deployment.clock, deployment.snowflake, snowflake.clock = clock, snowflake, clock.seconds
    deployment.start()
    wait_until(lambda: deployment.rows("SELECT COUNT(DISTINCT source) FROM listing") == [["2"]], "both feeds are on the shelf", 30)
    stop_schedule(deployment, "warehouse.export")  # whose requests the clock would overtake
    return deployment


# Of each exported table: its key, the table behind it, and how its rows are counted there.
BASES = {"searches": ("id", "search", "COUNT(*)"), "impressions": ("search_id, position", "search", "SUM(shown_count)"),
         "clicks": ("id", "click", "COUNT(*)"), "entries": ("id", "entry", "COUNT(*)"), "revisions": ("id", "revision", "COUNT(*)")}


def visit(weir, day, hour):
    """A search, and visitors who click, each from an address of his own."""
    listings = weir.search(q=WORDS[hour], mode="widest", per_page=60)["listings"]
    for i, listing in enumerate(listings[day::3]):
        weir.click(listing, headers={"X-Forwarded-For": f"203.0.{day}.{hour * 10 + i}"})
    weir.wait_shipped()


def alerts(weir):
    """What each alert that there ever was is about: its state."""
    return {alert["key"]: alert["state"] for alert in ask(f"{weir.url}/v1/alerts?state=all").json()["alerts"]}


def reconcile(weir, code=0):
    return json.loads(weir.command("reconcile", "--json", code=code))


def discrepancy(weir, micros):
    weir.control(f"discrepancy/{PLANTED[0]}?day={PLANTED[1]}&micros={micros}")


def by_day(rows):
    """(source, day, currency): millionths, without those that are nothing."""
    return {(source, day, currency): int(micros) for source, day, currency, micros in rows if int(micros)}


def partners_books(weir, days):
    """What each partner says of each day, asked with its credentials as in its definition."""
    found = []
    for network in NETWORKS:
        totals = yaml.safe_load((ROOT / f"sources/sandbox/{network}.yaml").read_text())["totals"]
        for day in days:
            total = ask_as(weir, totals, day)
            found.append((network, day, total["currency"], Decimal(total["amount"]) * 1000000))
    return by_day(found)


def ask_as(weir, totals, day):
    headers, auth = {}, totals.get("auth", {})
    for kind, value in auth.items():
        if kind == "header":
            headers.update(value)
        elif kind == "bearer":
            headers["Authorization"] = f"Bearer {value}"
        else:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{value['user']}:{value['password']}".encode()).decode()
    query = {name: text.replace("{since|date}", day) for name, text in totals["query"].items()}
    answer = ask(totals["get"].replace("{sandbox_url}", weir.sandbox_url) + "?" + urllib.parse.urlencode(query), headers=headers)
    assert answer.status == 200, answer.body
    return answer.json()


def ledger(weir):
    day = ("to_char(to_timestamp(effective_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')" if weir.database else
           "date(effective_at_us / 1000000, 'unixepoch')")
    return by_day(weir.rows(f"SELECT source, {day}, currency, SUM(amount_micros) FROM entry WHERE account = 'receivable' GROUP BY 1, 2, 3"))


def files_of(weir):
    """The Parquet files as tables, without Weir."""
    duck = Duck()
    for table in BASES:
        duck.query(f"CREATE VIEW {table} AS FROM read_parquet('{weir.data}/warehouse/v1/{table}/*/*.parquet')")
    return duck


def exported(tables):
    """The ledger by day again, from tables in DuckDB."""
    return by_day(tables.query("SELECT source, strftime(effective_at, '%Y-%m-%d'), currency, CAST(SUM(amount_micros) AS BIGINT) "
                               "FROM entries WHERE account = 'receivable' GROUP BY 1, 2, 3"))


def assert_each_row_once(weir, tables):
    for table, (key, base, count) in BASES.items():
        [[rows, keys]] = tables.query(f"SELECT COUNT(*), COUNT(DISTINCT ({key})) FROM {table}")
        assert rows == keys == weir.rows(f"SELECT {count} FROM {base}")[0][0], table


def live(week):
    """Seven days: visits every eight hours, reports that come meanwhile, an export and a reconciliation each night."""
    for day in range(7):
        for hour in WORDS:
            week.clock.set(MONDAY + timedelta(days=day, hours=hour, minutes=1))
            if (day, hour) == (4, 8):
                week.kill()
                week.start()
            visit(week, day, hour)
            if (day, hour) == (2, 8):
                week.control("faults/elm?fault=500")
                week.control("faults/birch?fault=truncated")
                week.command("revenue", "pull", code=1)
                week.control("faults/all?fault=none")
            week.command("revenue", "pull")
            if (day, hour) == (3, 8):
                discrepancy(week, 7000001)
            if (day, hour) == (5, 8):
                discrepancy(week, 0)
        night(week, day)


def export(weir):
    """Once more, where Snowflake's mishap is one of those that are not waited for."""
    if weir.snowflake.plans and weir.snowflake.plans[0].what not in ("accept", "401"):
        weir.command("export", code=1)
    weir.command("export")
    assert weir.snowflake.plans == []


def night(week, day):
    week.clock.set(MONDAY + timedelta(days=day + 1))
    if day in MISHAPS:
        what, words, more = MISHAPS[day]
        week.snowflake.plan(what, words, **more)
    export(week)
    drifts = [(row["source"], row["day"], row["drift"]["amount"]) for row in reconcile(week, 1 if day in (3, 4) else 0)["rows"]
              if row["state"] == "drifts"]
    assert drifts == ([(*PLANTED, "-7.000001")] if day in (3, 4) else [])
    assert alerts(week) == ({ALERT: "open" if day in (3, 4) else "resolved"} if day >= 3 else {})


def test_at_the_end_of_a_week_everybody_has_the_same_numbers(week):
    live(week)
    # A day and a half in which nobody works: whatever wakes first, nobody is alarmed.
    week.clock.set(MONDAY + timedelta(days=8, hours=16))
    week.command("revenue", "pull")
    days = [f"2026-03-{day}" for day in range(23, 32)]
    found = reconcile(week)["rows"]
    books = partners_books(week, days)
    assert {source for source, _, _ in books} == set(NETWORKS)
    assert {day for _, day, _ in books} >= set(days[:7])
    assert by_day((row["source"], row["day"], row["drift"]["currency"], Decimal(row["theirs"]["amount"]) * 1000000) for row in found
                  if row["state"] == "agrees") == books
    assert ledger(week) == books
    assert alerts(week) == {ALERT: "resolved"}
    audit = week.json("audit")[0]
    assert audit["differences"] == []

    week.stop()
    week.clock.set(MONDAY + timedelta(days=8, hours=17))
    export(week)
    files = files_of(week)
    for tables in (files, week.snowflake):
        assert exported(tables) == books
        assert_each_row_once(week, tables)
    files.close()
    assert_it_was_a_week(week)


HAPPENED = {
    "clawed back": "SELECT COUNT(*) FROM revision a JOIN revision b ON b.line_id = a.line_id AND b.rev > a.rev "
                   "WHERE a.status = 'approved' AND b.status = 'reversed'",
    "corrected": "SELECT COUNT(*) FROM revision a JOIN revision b ON b.line_id = a.line_id AND b.rev > a.rev "
                 "WHERE a.status = 'approved' AND b.status = 'approved' AND a.earned_micros <> b.earned_micros",
    "a day late": "SELECT COUNT(*) FROM revision r JOIN report p ON p.id = r.report_id "
                  "WHERE r.rev = 1 AND p.received_at_us - r.effective_at_us >= 86400000000",
    "in pieces": "SELECT COUNT(*) FROM line WHERE line_key LIKE '%-2'",
    "a report twice": "SELECT COUNT(*) FROM report_sighting",
    "attributed": "SELECT COUNT(DISTINCT click_id) FROM entry WHERE account = 'attributed'",
}


def assert_it_was_a_week(week):
    """What the partners did to us, each of it often enough to have gone wrong."""
    counts = {what: int(week.rows(sql)[0][0]) for what, sql in HAPPENED.items()}
    assert min(counts.values()) >= 5, counts
