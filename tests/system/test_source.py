"""weir source: a definition tried on a recorded answer, and what mapping lost, as a person or a program sees it."""
import io
import json
import re
import zipfile

import pytest

from replay import Partners

DEFINITION = """source: acme
partner: Acme
secrets: [ACME_KEY]
search:
  get: https://acme.example/search
  query: {key: "${ACME_KEY}", q: "{keywords}"}
  answer: {json: 'jobs[*]'}
  listing: {title: t, url: u, company: c, posted_at: d | time, salary: {min: pay | range_low, currency: pay | currency, period: = YEAR}}
"""
ANSWER = {"jobs": [{"t": "Nurse", "u": "https://a/?key=s3cret-key", "c": "Ward", "pay": "£20k - £25k"},
                   {"t": "Cook", "u": "https://b/", "d": "2026-02-31"}, {"u": "https://c/"}]}


@pytest.fixture
def weir(make_weir, tmp_path):
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "acme.yaml").write_text(DEFINITION)
    (tmp_path / "answer.json").write_text(json.dumps(ANSWER))
    return make_weir(settings=f"sources: {folder}\n", sandbox="\n", environment={"ACME_KEY": "s3cret-key"})


def test_a_recorded_answer_is_read_field_by_field_and_nobody_is_asked(weir, tmp_path):
    told = weir.command("source", "test", "acme", "--query", "nurse", "--file", str(tmp_path / "answer.json"))
    assert "s3cret-key" not in told
    lines = [" ".join(line.split()) for line in told.splitlines()]
    for line in ["request GET https://acme.example/search?key=***&q=nurse", "1. Nurse", "company Ward", "salary.min 20000.00 GBP",
                 "salary.period YEAR", "url https://a/?key=***", "2. Cook", "company 1 2", "posted_at 0 2", "title 2 3",
                 "status ok", "records 3", "listings 2"]:
        assert line in lines, (line, told)
    assert "record 3 dropped: title: missing" in told
    assert 'record 2 kept without a field: posted_at' in told and '"2026-02-31" is no time' in told


def test_what_is_wrong_with_the_file_is_told(weir, tmp_path):
    (tmp_path / "page.html").write_text("<html>Sorry</html>")
    assert "expected JSON, found HTML" in weir.command("source", "test", "acme", "--file", str(tmp_path / "page.html"), code=1)
    weir.command("source", "test", "acme", "--file", str(tmp_path / "absent"), code=1)


class Pipe(io.BytesIO):
    """What cannot be gone back in, so that sizes are written behind the content."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation("a pipe")

    tell = seek


def zipped(output, method, large):
    with zipfile.ZipFile(output, "w", method) as archive:
        archive.writestr("day/about.txt", "nothing")
        with archive.open("day/answer.json", "w", force_zip64=large) as member:
            member.write(json.dumps(ANSWER).encode())
        archive.writestr("day/also.txt", "nothing")
    return output.getvalue()


def test_where_the_records_stand_is_told_when_the_definition_finds_none(weir, tmp_path):
    jobs = [{"id": 1, "t": "Nurse", "title": "Nurse", "url": "https://a.example/1"},
            {"id": 2, "t": "Cook", "title": "Cook", "url": "https://a.example/2"}]
    (tmp_path / "elsewhere.json").write_text(json.dumps({"data": {"ads": jobs}}))
    told = weir.command("source", "test", "acme", "--file", str(tmp_path / "elsewhere.json"))
    assert "what looks like listings stands at data.ads[*], 2 times" in told
    (tmp_path / "site.html").write_text(f"<html><script id='x'>window.ads = {json.dumps(jobs)};</script></html>")
    told = weir.command("source", "test", "acme", "--file", str(tmp_path / "site.html"), code=1)
    assert "listings stands at [*], 2 times" in told and "in a page, behind window.ads =" in told


def test_an_answer_in_a_zip_archive_is_read_whoever_wrote_it(weir, tmp_path):
    definition = tmp_path / "definitions/acme.yaml"
    told = weir.command("source", "test", "acme", "--file", str(tmp_path / "answer.json"))
    definition.write_text(DEFINITION.replace("{json: 'jobs[*]'}", "{json: 'jobs[*]', zip: '*.json'}"))
    for archive in [zipped(io.BytesIO(), zipfile.ZIP_STORED, False), zipped(io.BytesIO(), zipfile.ZIP_DEFLATED, True),
                    zipped(Pipe(), zipfile.ZIP_DEFLATED, False), zipped(Pipe(), zipfile.ZIP_DEFLATED, True)]:
        (tmp_path / "answer.json").write_bytes(archive)
        packed = weir.command("source", "test", "acme", "--file", str(tmp_path / "answer.json"))
        assert "compression zip" in packed and re.sub("size .*", "", packed) == re.sub("size .*", "", told)
    (tmp_path / "answer.json").write_bytes(zipped(io.BytesIO(), zipfile.ZIP_BZIP2, False))
    assert "bzip2" in weir.command("source", "test", "acme", "--file", str(tmp_path / "answer.json"), code=1)


def test_the_quarantine_is_empty_at_first(weir):
    assert "nothing was lost" in weir.command("source", "quarantine", "acme")
    assert weir.json("source", "quarantine", "acme") == [{"source": "acme", "losses": [], "records": []}]


def test_a_feeds_losses_are_shown_with_the_records_as_they_came(make_weir, tmp_path):
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "acme.yaml").write_text(DEFINITION.replace("search:\n", "feed:\n").replace('q: "{keywords}"', "all: 1"))
    (tmp_path / "feed.json").write_text(json.dumps(ANSWER))
    weir = make_weir(settings=f"sources: {folder}\n", sandbox="\n", environment={"ACME_KEY": "s3cret-key"})
    weir.command("feed", "pull", "acme", "--file", str(tmp_path / "feed.json"))
    [told] = weir.json("source", "quarantine", "acme")
    assert {(loss["field"], loss["reason"], loss["dropped"], loss["lost"]) for loss in told["losses"]} == {
        ("title", "missing", True, 1), ("posted_at", "value", False, 1)}
    assert [json.loads(record["raw"]) for record in told["records"]] == [ANSWER["jobs"][2], ANSWER["jobs"][1]]
    assert '{"u": "https://c/"}' in weir.command("source", "quarantine", "acme")


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_what_a_search_lost_is_in_the_quarantine(make_weir, tmp_path, request, engine):
    good, bad = {"t": "Nurse", "u": "https://a/", "c": "Ward"}, {"t": "Cook", "c": "Kitchen", "key": "s3cret-key"}
    partners = Partners(tmp_path)
    partners.serve("/search", "application/json", json.dumps({"jobs": [good, bad]}).encode())
    (partners.definitions / "acme.yaml").write_text(
        DEFINITION.replace("https://acme.example", partners.url).replace("partner: Acme\n", "partner: Acme\nprivate_hosts: true\n"))
    weir = make_weir(settings=f"sources: {partners.definitions}\n", sandbox="\n", environment={"ACME_KEY": "s3cret-key"},
                     database=request.getfixturevalue("postgres")() if engine == "postgres" else None)
    try:
        weir.start()
        answer = weir.search(q="")
        weir.stop()
        assert [listing["title"] for listing in answer["listings"]] == ["Nurse"]
        told = weir.command("source", "quarantine", "acme")
        assert "record 2: url: there is none" in told and '"t": "Cook"' in told and "s3cret-key" not in told
        [lost] = weir.json("source", "quarantine", "acme")
        assert [(loss["field"], loss["reason"], loss["dropped"], loss["lost"]) for loss in lost["losses"]] == [
            ("url", "missing", True, 1)]
        [record] = lost["records"]
        assert json.loads(record["raw"]) == {**bad, "key": "***"}
    finally:
        partners.close()


def test_a_wrong_charset_is_told_of_the_answer(make_weir, tmp_path):
    folder = tmp_path / "feeds"
    folder.mkdir()
    (folder / "acme.yaml").write_text(DEFINITION.replace("search:\n", "feed:\n").replace('q: "{keywords}"', "all: 1"))
    (tmp_path / "feed.json").write_bytes(json.dumps({"jobs": [{"t": "Café", "u": "https://a/"}]}, ensure_ascii=False).encode("latin-1"))
    weir = make_weir(settings=f"sources: {folder}\n", sandbox="\n", environment={"ACME_KEY": "s3cret-key"})
    weir.command("feed", "pull", "acme", "--file", str(tmp_path / "feed.json"))
    lines = [" ".join(line.split()) for line in weir.command("source", "quarantine", "acme").splitlines()]
    assert "1 feed charset bytes letters may be lost" in lines
    assert lines[-1] == "1 byte is not of the charset UTF-8"
