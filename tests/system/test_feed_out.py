"""All that is stored as one feed for a consumer: three formats, links that count, what may not leave, and how it is taken."""
import csv
import gzip
import io
import json
import re
import shutil
import socket
import sqlite3
import xml.etree.ElementTree

import pytest

from made_feed import write_feed
from test_memory import LIMIT_MB, peak_of
from weir import ROOT, Weir, ask

FEED = """<?xml version="1.0"?><source>
<job><title>Welder &amp; fitter</title><referencenumber>w1</referencenumber><url>https://x.example/w1?a=1</url>
<company>Acme Metal</company><city>Austin</city><state>TX</state><country>US</country><jobtype>full-time</jobtype>
<date>Mon, 02 Nov 2026 08:00:00 GMT</date><salary>$20-$25/hour</salary><description>&lt;p&gt;Weld &amp;amp; cut&lt;/p&gt;</description></job>
<job><title>=HYPERLINK("https://evil.example")</title><referencenumber>b1</referencenumber><url>https://x.example/b1</url>
<company>Bread</company><city>Dallas</city><country>US</country><date>Sun, 01 Nov 2026 08:00:00 GMT</date></job></source>"""


def definitions(folder):
    """The definition of a feed three times: one that may leave, one that may not, one without anything stored."""
    folder.mkdir()
    shipped = (ROOT / "sources/indeed-feed.yaml").read_text()
    text = shipped.replace("{required: true", '{default: "https://feeds.example.com/jobs.xml"')
    for name, terms in (("open", "terms: {attribution: Jobs by Open}"), ("closed", "terms: {syndicate: false}"), ("empty", "")):
        (folder / f"{name}.yaml").write_text(re.sub(r"^source: .*$", f"source: {name}\n{terms}", text, flags=re.M))
    return folder


@pytest.fixture(params=["sqlite", "postgres"])
def stocked(request, make_weir, tmp_path):
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    weir = make_weir(database=database, settings=f"sources: {definitions(tmp_path / 'definitions')}\n")
    feed = tmp_path / "feed.xml"
    feed.write_text(FEED)
    for name in ("open", "closed"):
        assert weir.json("feed", "pull", name, "--file", str(feed))[0]["new"] == 2
    weir.start("serve")
    return weir


def take(weir, form, code=200, headers=None, **parameters):
    query = "&".join(f"{key}={value}" for key, value in parameters.items())
    answer = ask(f"{weir.url}/v1/feed.{form}?{query}", headers=headers)
    assert answer.status == code, answer.body
    return answer


def listings(answer):
    return [json.loads(line) for line in answer.body.decode().splitlines()]


def test_each_format_holds_the_same_listings_of_sources_that_let_them_leave(stocked):
    lines = listings(take(stocked, "ndjson"))
    assert [line["identifier"] for line in lines] == ["w1", "b1"], "the newest first"
    assert {line["source"] for line in lines} == {"open"}, "closed keeps its listings to itself"
    assert lines[0]["attribution"] == "Jobs by Open"
    assert lines[0]["description"] == "Weld & cut"
    stored = ask(f"{stocked.url}/v1/listings/{lines[0]['id']}").json()
    assert stored["identifier"] == "w1", "ids are those of the API"

    root = xml.etree.ElementTree.fromstring(take(stocked, "xml").body)
    assert root.tag == "source" and root.findtext("publisherurl") == stocked.url
    assert [job.findtext("referencenumber") for job in root.iter("job")] == [line["id"] for line in lines]
    assert root.find("job").findtext("title") == "Welder & fitter"
    assert root.find("job").findtext("salary") == "20.00 - 25.00 USD / hour"

    rows = list(csv.DictReader(io.StringIO(take(stocked, "csv").body.decode(), newline="")))
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    assert rows[1]["title"] == "'=HYPERLINK(\"https://evil.example\")", "no spreadsheet takes it for a formula"
    assert rows[0]["salary_min"] == "20.00" and rows[0]["date_posted"] == "2026-11-02T08:00:00Z"
    assert take(stocked, "ndjson", sources="empty").body == b""


def test_our_own_feed_can_be_pulled_back(stocked, make_weir, tmp_path):
    """What goes out in Indeed's form is read by the definition of Indeed's form."""
    path = tmp_path / "own.xml"
    path.write_bytes(take(stocked, "xml").body)
    other = make_weir(settings=f"sources: {ROOT}/sources\n")
    [pulled] = other.json("feed", "pull", "indeed-feed", "--file", str(path))
    assert (pulled["new"], pulled["rejected"]) == (2, 0)
    first = other.json("listing", "search")[0]
    assert (first["title"], first["country"], first["date_posted"]) == ("Welder & fitter", "US", "2026-11-02T08:00:00Z")
    assert first["base_salary"]["min_value"] == "20.00" and first["base_salary"]["unit_text"] == "HOUR"


def test_filters_and_what_is_wrong_with_them(stocked):
    assert [line["identifier"] for line in listings(take(stocked, "ndjson", q="welding"))] == ["w1"]
    assert [line["identifier"] for line in listings(take(stocked, "ndjson", company="bread"))] == ["b1"]
    assert take(stocked, "ndjson", country="DE").body == b""
    assert take(stocked, "ndjson", exclude="open").body == b""
    assert "closed does not let its listings be passed on" in take(stocked, "csv", 400, sources="closed").json()["detail"]
    assert "no source" in take(stocked, "csv", 400, sources="nobody").json()["detail"]
    assert take(stocked, "csv", 400, per_page=5).json()["errors"][0]["field"] == "per_page"
    assert "name" in take(stocked, "csv", 400, consumer="a%20b").json()["detail"]
    assert ask(f"{stocked.url}/v1/feed.pdf").status == 404


def test_a_link_counts_for_the_consumer_who_took_the_feed(stocked):
    line = listings(take(stocked, "ndjson", consumer="partner-one", channel="mail"))[0]
    redirect = ask(line["url"])
    assert redirect.status == 302 and redirect.headers["Location"].startswith("https://x.example/w1?a=1")
    stocked.wait_shipped()
    if stocked.database is None:
        database = sqlite3.connect(stocked.data / "weir.db")
        taken = database.execute("SELECT d.consumer, d.channel, d.listings, c.source, c.listing_id, c.position FROM click c "
                                 "JOIN feed_download d ON d.id = c.search_id").fetchall()
        assert taken == [("partner-one", "mail", 2, "open", "w1", 1)]
        database.close()


def test_gzip_and_what_is_known_already(stocked):
    plain = take(stocked, "csv")
    packed = take(stocked, "csv", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body).splitlines()[0] == plain.body.splitlines()[0]
    as_file = take(stocked, "csv", gzip="true")
    assert as_file.headers["Content-Type"] == "application/gzip" and "Content-Encoding" not in as_file.headers
    assert len(gzip.decompress(as_file.body).splitlines()) == 3
    tag = plain.headers["ETag"]
    assert take(stocked, "csv", 304, headers={"If-None-Match": f'"other", {tag}'}).body == b""
    assert take(stocked, "csv", 304, headers={"If-Modified-Since": plain.headers["Last-Modified"]})
    assert take(stocked, "csv", 200, headers={"If-None-Match": tag}, consumer="x"), "another question, another state"
    changed = FEED.replace("Welder &amp; fitter", "Welder")
    path = stocked.data / "changed.xml"
    path.write_text(changed)
    assert stocked.json("feed", "pull", "open", "--file", str(path))[0]["changed"] == 1
    assert take(stocked, "csv", 200, headers={"If-None-Match": tag}).headers["ETag"] != tag


def test_the_same_from_the_terminal(stocked, tmp_path):
    lines = stocked.command("feed", "export", "--consumer", "one", "-q", "welder").splitlines()
    assert [json.loads(line)["identifier"] for line in lines] == ["w1"]
    assert ask(json.loads(lines[0])["url"]).status == 302
    path = tmp_path / "feed.xml.gz"
    stocked.command("feed", "export", "--format", "xml", "--gzip", "-o", str(path))
    assert len(list(xml.etree.ElementTree.fromstring(gzip.decompress(path.read_bytes())).iter("job"))) == 2
    assert not path.with_name("feed.xml.gz.part").exists()
    stocked.command("feed", "export", "--format", "pdf", code=2)
    stocked.command("feed", "export", "--source", "closed", code=2)
    stocked.command("feed", "export", "-o", str(tmp_path / "nowhere" / "feed"), code=2)


def stock(weir, folder, count):
    path = folder / f"{count}.xml.gz"
    write_feed(path, count)
    assert weir.json("feed", "pull", "open", "--file", str(path))[0]["new"] == count


def test_memory_does_not_grow_with_the_feed(tmp_path, capsys):
    peaks = []
    for count in (5_000, 50_000):  # the smaller fills SQLite's page cache already
        folder = tmp_path / str(count)
        folder.mkdir()
        weir = Weir(folder, settings=f"sources: {definitions(folder / 'definitions')}\n")
        try:
            stock(weir, folder, count)
            peak, seconds, output = peak_of(weir, "feed", "export", "--format", "csv")
        finally:
            weir.close()
        assert output.count("/c/") == count
        with capsys.disabled():
            print(f"\n{count:>9,} listings out: peak {peak:5.1f} MB, {seconds:5.1f} s", end="")
        peaks.append(peak)
        shutil.rmtree(folder)
    assert peaks[1] < LIMIT_MB and peaks[1] <= 1.25 * peaks[0]


def test_a_consumer_that_dawdles_holds_nobody_up_and_not_the_stop(make_weir, tmp_path):
    weir = make_weir(settings=f"sources: {definitions(tmp_path / 'definitions')}\ndatabase_threads: 1\nhttp_threads: 1\nstop_within: 2s\n")
    stock(weir, tmp_path, 20_000)
    weir.start("serve")
    dawdlers = []
    for _ in range(16):
        dawdler = socket.create_connection(("127.0.0.1", weir.port))
        dawdler.sendall(b"GET /v1/feed.ndjson HTTP/1.1\r\nHost: a\r\n\r\n")
        assert dawdler.recv(100).startswith(b"HTTP/1.1 200")
        dawdlers.append(dawdler)
    assert take(weir, "ndjson", 503).headers["Retry-After"]
    [first] = weir.json("listing", "search", "--limit", "1")
    assert ask(f"{weir.url}/v1/listings/{first['id']}").status == 200, "the one thread and the one database worker are free"
    dawdlers.pop().close()
    weir.stop()
    for dawdler in dawdlers:
        dawdler.close()
