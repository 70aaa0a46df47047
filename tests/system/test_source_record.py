"""weir source record: what the partner answered, without secrets and people in it, as the golden runner takes it."""
import json
import os
import subprocess

import loopback
import pytest
from weir import ROOT

DEFINITION = """source: acme
partner: Acme
secrets: [ACME_KEY]
private_hosts: true
search:
  get: http://127.0.0.1:PORT/search
  headers: {X-Key: "${ACME_KEY}"}
  query: {key: "${ACME_KEY}", q: "{keywords}", page: "{page}"}
  pages: {by: page, first: 1, size: 2}
  answer: {json: 'jobs[*]', total: count}
  listing: {id: id, title: t, url: u, company: c, description: text, posted_at: d | time,
            salary: {min: pay | range_low, currency: pay | currency, period: = YEAR}}
"""
JOBS = [{"id": 7, "t": "Nurse", "u": "https://a/?key=s3cret-key", "c": "Ward", "pay": "£20k - £25k",
         "text": "Write to\njane.doe@ward.example or ébob@ward.example, call +44 20 7946 0958 or (212) 555-0187."},
        {"id": 2079460958, "t": "Cook", "u": "https://b/05-11-2026", "d": "2026-02-31", "text": "From 05-11-2026"}]


@pytest.fixture
def partner():
    asked = []

    class Handler(loopback.Handler):
        def do_GET(self):
            asked.append(self.path)
            self.answer(200, {"Content-Type": "application/json", "Set-Cookie": "visitor=jane"}, partner_answer[0])

    partner_answer = [json.dumps({"count": 9, "jobs": JOBS}).encode()]
    with loopback.serving(Handler) as server:
        yield server.server_port, asked, partner_answer


@pytest.fixture
def weir(make_weir, tmp_path, partner):
    folder = tmp_path / "root" / "sources"
    folder.mkdir(parents=True)
    (folder / "acme.yaml").write_text(DEFINITION.replace("PORT", str(partner[0])))
    return make_weir(settings=f"sources: {folder}\n", sandbox="\n", environment={"ACME_KEY": "s3cret-key"})


def recorded(weir, tmp_path):
    folder = tmp_path / "root/tests/sources/acme/exemplary"
    weir.command("source", "record", "acme", "--query", "nurse", "--to", str(folder))
    [file] = folder.iterdir()
    return file.read_text()


def test_the_golden_runner_takes_what_was_recorded_as_it_is(weir, tmp_path, partner):
    golden = json.loads(recorded(weir, tmp_path))
    assert len(partner[1]) == 1
    assert [listing["title"] for listing in golden["listings"]] == ["Nurse", "Cook"]
    assert golden["total"] == 9 and golden["rejected"] == 1 and golden["listings"][0]["salary_min"] == "20000.00"
    (tmp_path / "root/tests/sources/instances.yaml").write_text("")
    run = subprocess.run([ROOT / "build/tests/unit/test_sources_golden"], env=os.environ | {"WEIR_ROOT": str(tmp_path / "root")},
                         capture_output=True, text=True)
    assert run.returncode == 0 and "ok 1 /sources/golden/acme/exemplary/" in run.stdout, run.stdout + run.stderr


def test_an_answer_in_a_file_is_recorded_without_asking(weir, tmp_path, partner):
    root = tmp_path / "root"
    (root / "sources/elm.yaml").write_text(
        "source: elm\npartner: Elm\nsecrets: [ACME_KEY]\nfeed:\n  get: https://elm.example/feed\n"
        "  query: {key: '${ACME_KEY}'}\n  answer: {xml: 'jobs.job[*]'}\n  listing: {id: '@id', title: t, url: u}\n")
    kept = tmp_path / "kept.xml"
    kept.write_text('<jobs><job id="7"><t>Nurse, call +44 20 7946 0958</t><u>https://a/s3cret-key</u></job></jobs>')
    folder = root / "tests/sources/elm/exemplary"
    weir.command("source", "record", "elm", "--file", str(kept), "--to", str(folder))
    [file] = folder.iterdir()
    golden = json.loads(file.read_text())
    assert golden["operation"] == "feed" and golden["request"]["url"] == "https://elm.example/feed?key=SECRET-ACME_KEY"
    assert golden["listings"] == [{"id": "7", "title": "Nurse, call +00 00 0000 0000", "url": "https://a/***"}]
    (root / "tests/sources/instances.yaml").write_text("")
    run = subprocess.run([ROOT / "build/tests/unit/test_sources_golden"], env=os.environ | {"WEIR_ROOT": str(root)},
                         capture_output=True, text=True)
    assert run.returncode == 0 and "ok 1 /sources/golden/elm/exemplary/" in run.stdout, run.stdout + run.stderr
    assert not partner[1], "nobody was asked"


def test_neither_secrets_nor_people_are_kept(weir, tmp_path):
    text = recorded(weir, tmp_path)
    for hidden in ("s3cret-key", "jane", "bob", "ward.example", "7946 0958", "555-0187", "Set-Cookie"):
        assert hidden not in text, hidden
    golden = json.loads(text)
    assert golden["listings"][0]["url"] == "https://a/?key=***"
    assert golden["request"]["headers"]["X-Key"] == "SECRET-ACME_KEY"
    answer = golden["answer"]["text"]
    assert "xxxx.xxx@xxxx.xxxxxxx" in answer and "+00 00 0000 0000" in answer and "(000) 000-0000" in answer
    jobs = json.loads(answer)["jobs"]
    assert len(jobs[0]["text"]) == len(JOBS[0]["text"])
    assert jobs[1] == JOBS[1], "numbers that are no telephone's stay"


def test_what_a_file_cannot_hold_is_refused_and_nothing_written(weir, tmp_path, partner):
    folder = tmp_path / "kept"
    partner[2][0] = b'{"jobs": [{"t": "\xff"}]}'
    weir.command("source", "record", "acme", "--to", str(folder), code=1)
    partner[2][0] = b" " * (5 * 1024 * 1024)
    weir.command("source", "record", "acme", "--to", str(folder), code=1)
    assert not folder.exists()
