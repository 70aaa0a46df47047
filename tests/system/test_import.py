"""A report that comes as a file: read once, recognised ever after, restated by the difference, refused whole when broken."""
import json
import subprocess
from decimal import Decimal

import pytest
from test_loop import WORDS, click_some, day, earned
from weir import BINARY, ask


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


def refused(weir, path, source):
    """What is said of a file that is no report."""
    done = subprocess.run([BINARY, "revenue", "import", path, "--source", source, "--config", weir.config],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


@pytest.mark.parametrize("content", ["hello world\n", "Date;Earnings\n2026-01-05;1,25\n", "a;b"])
def test_a_csv_file_that_is_no_report_is_refused_with_what_is_expected_and_found(weir, tmp_path, content):
    path = tmp_path / "other.csv"
    path.write_text(content)
    said = refused(weir, path, "birch")
    assert said.startswith(f"weir: {path}: birch/default: part 1: malformed: CSV, line 1: the header has none of ")
    for column in content.splitlines()[0].split(";"):
        assert f'"{column}"' in said
    assert all(f'"{column}"' in said for column in ["transaction", "subid", "revenue", "currency"])
    weir.command("audit")


def test_a_file_without_a_header_is_refused_and_an_empty_report_is_one(weir, tmp_path):
    path = tmp_path / "report.csv"
    path.write_bytes(b"")
    assert "the file is empty" in refused(weir, path, "birch")
    path.write_text("Report of May\n")
    assert "it ends before the header" in refused(weir, path, "elm")
    path.write_text("transaction;subid;state;revenue;currency;event_time;changed;type\n")
    summary = weir.json("revenue", "import", str(path), "--source", "birch")[0]
    assert (summary["repeated"], summary["lines"], summary["quarantined"]) == (False, 0, 0)
