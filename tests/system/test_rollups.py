"""Rollups, kept by the background tier alone: they say what the report says, and the audit agrees."""
import sqlite3

from weir import wait_until


def test_the_schedule_keeps_rollups_equal_to_the_report_and_the_audit_proves_it(make_weir):
    weir = make_weir()
    weir.start()
    answer = weir.search(q="engineer", mode="widest", per_page=50)
    for listing in answer["listings"][:10]:
        weir.click(listing)
    weir.wait_shipped()
    database = sqlite3.connect(weir.data / "weir.db")

    weir.control("advance?seconds=600")
    for (pull,) in database.execute("SELECT name FROM schedule WHERE kind = 'revenue.pull'").fetchall():
        weir.tick(pull)

    def has_earnings():
        weir.tick("revenue.rollup all")
        return database.execute("SELECT COUNT(*) FROM rollup WHERE currency <> ''").fetchone()[0] > 0

    def audited_hours():
        weir.tick("revenue.rollup all")
        return [a for a in weir.json("audit") if a["rollup_hours"] > 0]

    wait_until(has_earnings, "a scheduled run has seen clicks and earnings")
    audit = wait_until(audited_hours, "an hour waits for no run")
    assert audit[0]["differences"] == []
    weir.stop()

    report = weir.json("revenue", "report", "--since", "2020-01-01", "--until", "2100-01-01")[0]["totals"]
    counts = database.execute("SELECT SUM(impressions), SUM(clicks), SUM(counted_clicks) FROM rollup").fetchone()
    assert counts == (report["impressions"], report["clicks_gross"], report["clicks"])
    assert counts[:2] == (len(answer["listings"]), 10)

    database.execute("INSERT INTO rollup VALUES (0, 'made-up', 'USD', 0, 0, 0, 1, 0, 1, 0)")
    database.commit()
    assert "I7   rollup of made-up" in weir.command("audit", code=1)
