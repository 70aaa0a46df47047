"""Real feeds as they were published one after the other, pulled in their order: what was new, changed, gone, there twice or
refused is what the files themselves say. An absence counts when the next full feed confirms it, so what is gone in one
delivery leaves with the one after."""
import collections
import csv
import io
import json
import re

import pytest

from replay import DATA, Partners, recorded
from weir import Weir

if not DATA.is_dir():
    pytest.skip(f"the recorded files are not here: {DATA}", allow_module_level=True)

JSON, XML, CSV = "application/json", "application/xml", "text/csv"
News = collections.namedtuple("News", "new same changed gone")


class Stream:
    """One partner whose feed changes, and the shelf."""

    def __init__(self, weir, partners):
        self.weir, self.partners = weir, partners

    def pull(self, source, path, content_type, body):
        self.partners.serve(path, content_type, body)
        [summary] = self.weir.json("feed", "pull", source)
        assert not summary["guarded"] and not summary["unchanged"]
        assert summary["records"] == sum(summary[key] for key in ("new", "same", "changed", "repeated", "rejected"))
        self.summary = summary
        return News(*(summary[key] for key in News._fields))

    def listings(self, source, *words):
        found, page = [], 1
        while True:
            some = self.weir.json("listing", "search", *words, "--source", source, "--limit", "100", "--page", str(page))
            found += some
            if len(some) < 100:
                return {listing["identifier"]: listing for listing in found}
            page += 1


@pytest.fixture(params=["sqlite", "postgres"])
def stream(request, make_weir, tmp_path):
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    partners = Partners(tmp_path)
    for name in ("newgrad", "interns", "headhunter", "meteojob", "california"):
        partners.use(name, "https://feeds.example.com")
    partners.use("indeed-feed", "", path="/jobs.xml")
    partners.use("hellowork", "", path="/hellowork.xml")
    try:
        yield Stream(make_weir(database=database,
                               settings=f"allow_private_hosts: true\nsources: {partners.definitions}\n"), partners)
    finally:
        partners.close()


def rows_of(name):
    return {row["id"]: row for row in json.loads(recorded(name))}


def test_four_snapshots_of_the_graduates_list(stream):
    dates = ["2023-10-31", "2024-05-31", "2024-10-24", "2024-10-25"]
    # As the README of the data counts: rows, added, gone, closed since the snapshot before.
    counted = {"2023-10-31": (325, 325, 0, 0), "2024-05-31": (1373, 1048, 0, 139), "2024-10-24": (1287, 1045, 1131, 99),
               "2024-10-25": (1288, 1, 0, None)}
    before, absent = {}, 0
    for date in dates:
        name = f"json/simplify-newgrad-{date}.json"
        now = rows_of(name)
        rows, added, gone, closed = counted[date]
        news = stream.pull("newgrad", "/newgrad.json", JSON, recorded(name))
        assert stream.summary["records"] == rows and stream.summary["rejected"] == stream.summary["clashed"] == 0
        both = [(before[key], now[key]) for key in now.keys() & before.keys()]
        shown = ("title", "company_name", "locations", "active", "url")
        changed = sum(any(old[key] != new[key] for key in shown) for old, new in both)
        assert news == News(added, len(both) - changed, changed, absent), date
        if closed is not None:
            assert sum(old["active"] and not new["active"] for old, new in both) == closed
        before, absent = now, gone
    assert len(stream.listings("newgrad")) == 1288, "what was gone for two deliveries is off the shelf"
    again = stream.pull("newgrad", "/newgrad.json", JSON, recorded("json/simplify-newgrad-2024-10-25.json"))
    assert again == News(0, 1288, 0, 0)


def test_the_same_posting_through_two_lists_is_one_listing_of_both(stream):
    graduates = rows_of("json/simplify-newgrad-2024-10-25.json")
    interns = [row for row in json.loads(recorded("json/simplify-internships-2024-10-25.json"))]
    urls = {row["url"] for row in graduates.values() if row["url"]} & {row["url"] for row in interns if row["url"]}
    assert len(urls) == 22
    stream.pull("newgrad", "/newgrad.json", JSON, recorded("json/simplify-newgrad-2024-10-25.json"))
    stream.pull("interns", "/listings.json", JSON, recorded("json/simplify-internships-2024-10-25.json"))
    stream.weir.start("serve")
    visible = {row["url"]: row for row in interns if row["url"] in urls and row["is_visible"]}
    merged = 0
    for row in graduates.values():
        twin = visible.get(row["url"])
        if twin is None or (row["title"], row["company_name"]) != (twin["title"], twin["company_name"]) \
                or row["locations"] != twin["locations"]:
            continue
        answer = stream.weir.search(q=row["title"], company=row["company_name"], sources="newgrad,interns", per_page=100,
                                    mode="widest")
        shown = [listing for listing in answer["listings"] if listing["identifier"] in (row["id"], twin["id"])]
        assert len(shown) == 1, (row["title"], shown)
        assert {shown[0]["source"], *shown[0]["also_from"]} == {"newgrad", "interns"}
        merged += 1
    assert merged > 0
    print(f"{merged} of {len(urls)} postings have title, company and places in common")


def test_an_employer_s_feed_whose_dates_begin_anew_at_each_build(stream):
    # Added and gone since the delivery before, and whether the rest differs in the date alone (None: some does not).
    deliveries = [("06-15", 35, 35, 0, None), ("06-16", 35, 0, 0, None), ("06-17", 29, 2, 8, None), ("06-22", 25, 1, 5, True),
                  ("06-24", 25, 0, 0, None), ("06-26", 31, 9, 3, None), ("07-01", 31, 1, 1, True), ("07-06", 28, 2, 5, None),
                  ("07-09", 25, 1, 4, None), ("07-13", 27, 4, 2, None), ("07-14", 27, 0, 0, True)]
    absent, first_seen, last = 0, {}, {}
    for day, jobs, added, gone, only_dates in deliveries:
        body = recorded(f"xml/indeed-4corner-2026-{day}.xml")
        news = stream.pull("indeed-feed", "/jobs.xml", XML, body)
        # One that was absent and is there again was never off the shelf: it is not new.
        references = set(re.findall(rb"<referencenumber>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</referencenumber>", body))
        assert len(references) == jobs
        assert news.new + news.same + news.changed == jobs and news.new == added, day
        assert news.gone == absent, day
        if only_dates:
            assert news.changed == 0, "a new date is no change"
        if day == "06-16":
            assert news.changed == 35
        absent = gone
        listings = stream.listings("indeed-feed")
        for key, listing in listings.items():
            assert first_seen.setdefault(key, listing["date_posted"]) == listing["date_posted"], "and no freshness"
        last = listings
    assert {listing["date_posted"][:10] for listing in last.values()} != {"2026-07-14"}
    again = stream.pull("indeed-feed", "/jobs.xml", XML, recorded("xml/indeed-4corner-2026-07-14.xml"))
    assert again == News(0, 27, 0, absent)


def test_a_feed_that_renumbers_its_references_and_uses_one_twice(stream):
    def day(date):
        return stream.pull("indeed-feed", "/jobs.xml", XML, recorded(f"xml/indeed-talia-{date}.xml"))

    assert day("2025-12-05") == News(2, 0, 0, 0)
    news = day("2025-12-10")
    assert (news.new, news.same + news.changed) == (15, 2)
    # 31 new references for 32 jobs, and none of the 17 old ones.
    assert day("2026-03-18") == News(32, 0, 0, 0)
    assert stream.summary["clashed"] == 1
    twins = {key: listing for key, listing in stream.listings("indeed-feed").items() if key.startswith("TAL_2026_15")}
    assert sorted(listing["title"].split()[0] for listing in twins.values()) == ["Employé(e)", "Vendeur(se)"]
    # The same in UTF-16 is the same.
    utf16 = recorded("reencoded/indeed-talia-2026-03-18.utf-16le-bom.xml")
    assert stream.pull("indeed-feed", "/jobs.xml", XML, utf16) == News(0, 32, 0, 17), "the old numbers are gone for good"
    news = day("2026-05-06")
    assert (news.new, stream.summary["clashed"]) == (6, 0)
    assert news.new + news.same + news.changed == 31
    news = day("2026-06-15")
    # 6 references are gone, and with them one of the two that had one number.
    assert (news.new, news.gone) == (1, 7)
    assert news.new + news.same + news.changed == 22
    news = day("2026-06-22")
    assert news == News(0, 16, 0, 10), "the rest differ in the date alone"


def test_rows_repeated_whole_and_the_same_in_windows_1251(stream):
    text = recorded("csv/headhunter-ru-2022.csv")
    rows = [tuple(row) for row in csv.reader(io.StringIO(text.decode("utf-8"), newline=""))][1:]
    assert (len(rows), len(rows) - len(set(rows))) == (18_294, 5_239)
    news = stream.pull("headhunter", "/vacancies.csv", CSV, text)
    assert news == News(18_294 - 5_239, 0, 0, 0)
    assert stream.summary["repeated"] == 5_239 and stream.summary["clashed"] == 0
    part = recorded("reencoded/headhunter-ru-2022-first-5000.windows-1251.csv")
    rows = [tuple(row) for row in csv.reader(io.StringIO(part.decode("windows-1251"), newline=""))][1:]
    assert len(rows) == 4_997
    definition = stream.partners.definitions / "headhunter.yaml"
    definition.write_text(definition.read_text().replace("{csv: {}}", "{csv: {}, charset: windows-1251}"))
    news = stream.pull("headhunter", "/vacancies.csv", CSV, part)
    assert news == News(0, len(set(rows)), 0, 0)
    assert stream.summary["repeated"] == 4_997 - len(set(rows))


def test_an_id_that_comes_again(stream):
    body = recorded("csv/indeed-data-scientist-california-2019.csv")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8", "replace"), newline="")))
    assert len(rows) == 506 and 506 - len({row["id"] for row in rows}) == 168
    stream.pull("california", "/california.csv", CSV, body)
    summary = stream.summary
    assert summary["new"] - summary["clashed"] == 506 - 168
    assert summary["repeated"] + summary["clashed"] == 168, "each of them is there before, word for word or not"
    assert summary["rejected"] == 0
    again = stream.pull("california", "/california.csv", CSV, body)
    assert again == News(0, summary["new"], 0, 0)


def test_windows_1252_under_a_label_that_says_latin_1(stream):
    assert stream.pull("meteojob", "/meteojob.xml", XML, recorded("xml/meteojob.xml")) == News(3, 0, 0, 0)
    twin = recorded("reencoded/meteojob.cp1252-labelled-iso-8859-1.xml")
    assert b"\x80" in twin or b"\x85" in twin, "bytes that ISO-8859-1 has no letters for"
    assert stream.pull("meteojob", "/meteojob.xml", XML, twin) == News(0, 3, 0, 0)


def test_a_bid_with_a_decimal_comma(stream):
    assert stream.pull("hellowork", "/hellowork.xml", XML, recorded("xml/hellowork.xml")) == News(5, 0, 0, 0)
    raised = recorded("xml/hellowork.xml").replace(b"0,28", b"0,31")
    news = stream.pull("hellowork", "/hellowork.xml", XML, raised)
    assert news.changed == recorded("xml/hellowork.xml").count(b"0,28") and news.new == 0


def test_ids_beyond_53_bits_stay_apart(stream):
    rows = [{"id": number, "title": f"Position {number}", "company_name": "Acme", "locations": [], "date_posted": 1700000000,
             "active": True, "url": f"https://x.example/{number}"}
            for number in (9007199254740992, 9007199254740993, 18446744073709551616, 18446744073709551617)]
    body = json.dumps(rows).encode()
    assert stream.pull("newgrad", "/newgrad.json", JSON, body) == News(4, 0, 0, 0)
    assert set(stream.listings("newgrad")) == {str(row["id"]) for row in rows}
    assert stream.pull("newgrad", "/newgrad.json", JSON, body) == News(0, 4, 0, 0)
