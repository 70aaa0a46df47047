"""A report that comes as a file: read once, recognised ever after, restated by the difference, refused whole when broken."""
import json
from decimal import Decimal

from test_loop import WORDS, click_some, day, earned
from weir import ask


def fetch_report(weir):
    """What the partner would mail: its JSON report, as bytes."""
    answer = ask(f"{weir.sandbox_url}/alder/report?startDate={day(-3)}&endDate={day(3)}",
                 headers={"Authorization": "Bearer alder-report-token"})
    assert answer.status == 200, answer.body
    return answer.body


def clicked_report(weir, tmp_path):
    click_some(weir, weir.search(q=WORDS, mode="widest", sources="alder", per_page=60), 25)
    weir.wait_shipped()
    weir.control("advance?seconds=3600")
    path = tmp_path / "alder.json"
    # Not the very bytes that the schedule pulls meanwhile, which would make this file a repetition.
    path.write_bytes(fetch_report(weir) + b"\n")
    assert json.loads(path.read_text()), "no click earned anything"
    return path


def test_the_same_file_twice_changes_nothing(weir, tmp_path):
    path = clicked_report(weir, tmp_path)
    first = weir.json("revenue", "import", str(path), "--source", "alder")[0]
    assert first["repeated"] is False and first["lines"] > 0 and first["quarantined"] == 0
    before = earned(weir)
    again = weir.json("revenue", "import", str(path), "--source", "alder")[0]
    assert again["repeated"] is True
    assert earned(weir) == before
    weir.command("audit")


def test_a_changed_line_posts_the_difference(weir, tmp_path):
    path = clicked_report(weir, tmp_path)
    weir.command("revenue", "import", str(path), "--source", "alder")
    before = earned(weir)[("alder", "USD")]
    rows = json.loads(path.read_text(), parse_float=str)
    changed = next(row for row in rows if row["commissionStatus"] != "declined")
    changed["commissionAmount"]["amount"] = str(Decimal(changed["commissionAmount"]["amount"]) + Decimal("0.000001"))
    changed["updatedDate"] = "2099-01-01T00:00:00"
    path.write_text(json.dumps(rows))
    summary = weir.json("revenue", "import", str(path), "--source", "alder")[0]
    assert summary["changed"] == 1
    assert earned(weir)[("alder", "USD")] - before == Decimal("0.000001")
    weir.command("audit")


def test_a_broken_file_is_refused_whole_and_says_where(weir, tmp_path):
    path = clicked_report(weir, tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    weir.command("revenue", "import", str(path), "--source", "alder", code=1)
    weir.command("audit")
    # Nothing of it was kept: whole, it is a report like any other and not one that was here before.
    path.write_bytes(whole)
    assert weir.json("revenue", "import", str(path), "--source", "alder")[0]["repeated"] is False


def test_what_no_click_explains_waits_in_the_open(weir, tmp_path):
    path = tmp_path / "alder.json"
    path.write_text(json.dumps([{"id": "T-unknown", "commissionStatus": "approved", "transactionDate": "2026-01-05T10:00:00",
                                 "updatedDate": "2026-01-05T10:00:00", "clickRefs": {"clickRef": "NOTACLICK"},
                                 "commissionAmount": {"amount": "1.2345", "currency": "USD"}},
                                {"id": "T-bad", "commissionStatus": "approved", "transactionDate": "2026-02-31T10:00:00",
                                 "commissionAmount": {"amount": "1.23456789", "currency": "USD"}}]))
    summary = weir.json("revenue", "import", str(path), "--source", "alder")[0]
    assert (summary["lines"], summary["new"], summary["attributed"], summary["quarantined"]) == (1, 1, 0, 1), summary
    row = weir.json("revenue", "report", "--since", "2026-01-01", "--until", "2026-01-31")[0]["rows"][0]
    assert row["earnings"][0]["unattributed"]["amount"] == "1.2345"
    assert row["earnings"][0]["attributed"]["amount"] == "0.00"
    weir.command("audit")
