"""Stored listings, looked for from the terminal."""
import json

from weir import ROOT

FEED = """<?xml version="1.0"?><source>
<job><title>Welder (night shift)</title><referencenumber>w1</referencenumber><url>https://x.example/w1</url>
<company>Acme Metal</company><city>Austin</city><state>TX</state><country>US</country><jobtype>full-time</jobtype>
<date>Mon, 02 Nov 2026 08:00:00 GMT</date><salary>$20-$25/hour</salary><description>Welding of frames</description></job>
<job><title>Baker</title><referencenumber>b1</referencenumber><url>https://x.example/b1</url>
<company>Bread &amp; Co</company><city>Dallas</city><state>TX</state><country>US</country><jobtype>part-time</jobtype>
<date>Sun, 01 Nov 2026 08:00:00 GMT</date><description>Bread</description></job></source>"""


def test_the_shelf_is_searched_from_the_terminal(make_weir, tmp_path):
    weir = make_weir(settings=f"sources: {ROOT}/sources\n")
    feed = tmp_path / "feed.xml"
    feed.write_text(FEED)
    [pulled] = weir.json("feed", "pull", "indeed-feed", "--file", str(feed))
    assert pulled["new"] == 2

    def found(*words):
        return [listing["identifier"] for listing in weir.json("listing", "search", *words)]

    assert found() == ["w1", "b1"]
    assert found("welding", "shifts") == ["w1"]
    assert found("--company", "acme") == ["w1"]
    assert found("--employment-type", "part_time") == ["b1"]
    assert found("--salary-min", "45000") == ["w1"], "an hourly wage counts for 2,080 hours"
    assert found("--salary-min", "60000") == []
    assert found("--location", "Dallas", "--country", "US") == ["b1"]
    assert found("--source", "other") == []
    assert found("--limit", "1") == ["w1"] and found("--limit", "1", "--page", "2") == ["b1"]
    text = weir.command("listing", "search", "welder")
    assert "Welder (night shift), Acme Metal, Austin" in text and "2026-11-02" in text
    shown = weir.command("listing", "show", text.split()[0])
    assert "https://x.example/w1" in shown and "Welding of frames" in shown
    assert "no stored listing matches" in weir.command("listing", "search", "astronaut")
    assert "looked for by name" in weir.command("listing", "search", "--location", "Metalville", "--radius", "10")
    assert "more: --page 2" in weir.command("listing", "search", "--limit", "1")


def test_what_is_wrong_is_said(make_weir):
    weir = make_weir()
    weir.command("listing", "search", "--radius", "far", code=2)
    weir.command("listing", "show", code=2)
    weir.command("listing", code=2)
    weir.command("listing", "show", "nothing", code=1)
