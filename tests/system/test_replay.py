"""Real files of partners, over loopback HTTP and the shipped definitions, through the real binary: what people would see."""
import gzip
import re

import pytest

from replay import DATA, Partners, recorded
from weir import Weir, ask

if not DATA.is_dir():
    pytest.skip(f"the recorded files are not here: {DATA}", allow_module_level=True)

JSON, XML = "application/json; charset=utf-8", "application/xml"
# definition, the host in it, where it asks, content type, recorded file
BOARDS = [
    ("adzuna", "https://api.adzuna.com", "/v1/api/jobs/gb/search/1", JSON, "json/adzuna-gb.json"),
    ("greenhouse", "https://boards-api.greenhouse.io", "/v1/boards/stripe/jobs", JSON, "json/greenhouse.json"),
    ("lever", "https://api.lever.co", "/v0/postings/spotify", JSON, "json/lever.json"),
    ("ashby", "https://api.ashbyhq.com", "/posting-api/job-board/openai", JSON, "json/ashby.json"),
    ("remotive", "https://remotive.com", "/api/remote-jobs", JSON, "json/remotive.json"),
    ("remoteok", "https://remoteok.com", "/api", "application/json", "json/remoteok.json"),
    ("jobicy", "https://jobicy.com", "/api/v2/remote-jobs", JSON, "json/jobicy.json"),
]
FEEDS = [
    ("weworkremotely", "https://weworkremotely.com", "/remote-jobs.rss", "application/rss+xml", "xml/weworkremotely.rss"),
    ("interns", "https://feeds.example.com", "/listings.json", "text/plain; charset=utf-8",
     "json/simplify-internships-2024-10-25.json"),
    ("hellowork", "https://feeds.example.com", "/hellowork.xml", XML, "xml/hellowork.xml"),
    ("indeed-feed", "https://feeds.example.com", "/jobs.xml", XML, "xml/indeed-4corner-2026-06-15.xml"),
    ("jcyl", "https://analisis.datosabiertos.jcyl.es",
     "/api/explore/v2.1/catalog/datasets/ofertas-de-empleo/exports/csv", "text/csv", "csv/jcyl-ofertas-de-empleo-2023.csv"),
    ("jcyl-latin", "https://feeds.example.com", "/latin/ofertas-de-empleo.csv", "text/csv",
     "reencoded/jcyl-ofertas-de-empleo-2023.iso-8859-15.csv"),
]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def replayed(request, tmp_path_factory):
    """A deployment on each engine whose partners answer with what was recorded of them."""
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    folder = tmp_path_factory.mktemp("replay")
    partners = Partners(folder)
    for name, host, path, content_type, file in BOARDS + FEEDS:
        partners.use(name, host, partners.url + "/latin" if name == "jcyl-latin" else None, path)
        partners.serve(path, content_type, recorded(file))
    secrets = folder / "secrets"
    secrets.mkdir()
    for name in ("ADZUNA_APP_ID", "ADZUNA_APP_KEY"):
        (secrets / name).write_text(f"the {name}")
    weir = Weir(folder, database=database,
                settings=f"allow_private_hosts: true\nsources: {partners.definitions}\nsecrets: {secrets}\n"
                         "cache: {index_lifetime: 0s}\n")
    weir.partners = partners
    try:
        weir.start("serve")  # feeds are pulled by the tests, not by their schedules
        yield weir
        weir.stop()
    finally:
        weir.close()
        partners.close()


def board(weir, source, **parameters):
    """All that a live board gives, by the partner's id, and what is said of the source."""
    answer = weir.search(mode="widest", sources=source, per_page=100, **parameters)
    status = next(said for said in answer["sources"] if said["source"] == source)
    assert status["status"] == "ok", status
    assert not answer["partial"]
    return {listing["identifier"]: listing for listing in answer["listings"]}, status


def pull(weir, source):
    [summary] = weir.json("feed", "pull", source)
    assert not summary["guarded"]
    return summary


def news(summary):
    return tuple(summary[key] for key in ("new", "same", "changed", "gone", "rejected"))


def stored(weir, source, **parameters):
    """Listings of a feed as the index finds them, each with what is stored of it."""
    listings, _ = board(weir, source, **parameters)
    for identifier, listing in listings.items():
        answer = ask(f"{weir.url}/v1/listings/{listing['id']}")
        assert answer.status == 200, answer.body
        whole = answer.json()
        assert whole["identifier"] == identifier and whole["title"] == listing["title"]
        listing["description"] = whole.get("description", "")
    return listings


def test_adzuna_gb(replayed):
    listings, status = board(replayed, "adzuna", country="GB")
    assert status["count"] == 50
    assert status["attribution"] == "Jobs by Adzuna"
    # The 7 repeats of title and company are one position each, now "London", now a part of it; and so is the one whose
    # company is once a Limited.
    assert len(listings) == 42
    manager = listings["5346670339"]
    assert manager["title"] == "Senior Project Manager [Experience & Engineering]"
    assert manager["hiring_organization"] == "Dept"
    assert manager["job_location"] == "London, UK"
    assert manager["country"] == "GB"
    assert manager["base_salary"] == {"min_value": "44493.92", "max_value": "44493.92", "currency": "GBP",
                                      "annual_min_value": "44493.92", "annual_max_value": "44493.92",
                                      "unit_text": "YEAR", "predicted": True}
    assert manager["date_posted"] == "2025-08-10T11:13:04Z"
    assert manager["employment_type"] == ["CONTRACTOR"]
    assert "predicted" not in listings["5346491974"].get("base_salary", {})
    assert listings["5346491974"]["title"] == "C#/GUI Developer Role"
    assert listings["5346491974"]["latitude"] == 51.523772
    query, _ = replayed.partners.asked("/v1/api/jobs/gb/search/1")[0]
    assert query["app_id"] == "the ADZUNA_APP_ID" and query["app_key"] == "the ADZUNA_APP_KEY"
    assert "the ADZUNA_APP_KEY" not in replayed.log_text()


def test_greenhouse(replayed):
    listings, status = board(replayed, "greenhouse-stripe")
    assert status["count"] == len(listings) == 2
    scientist = listings["8636903002"]
    assert scientist["title"] == "Customer Data Scientist - Experimentation"
    assert scientist["hiring_organization"] == "Amplitude"
    assert scientist["date_posted"] == "2026-07-16T15:55:32Z"
    assert scientist["snippet"].startswith("Amplitude is the leading AI analytics platform")
    assert "<" not in scientist["snippet"] and "&nbsp;" not in scientist["snippet"]
    assert replayed.partners.asked("/v1/boards/stripe/jobs")[0][0] == {"content": "true"}


def test_lever(replayed):
    listings, status = board(replayed, "lever-spotify")
    assert status["count"] == len(listings) == 2
    consultant = listings["a24ec4e5-5caa-473d-abd4-b71f09a8167b"]
    assert consultant["title"] == "(1099 Contract) Nonprofit Salesforce Consultant: Enterprise Project Manager"
    assert consultant["job_location"] == "Chicago, IL"
    assert consultant["country"] == "US"
    assert consultant["work_place"] == "remote"
    assert consultant["employment_type"] == ["CONTRACTOR"]
    assert consultant["date_posted"] == "2025-11-27T01:02:41.939Z"


def test_ashby(replayed):
    listings, status = board(replayed, "ashby-openai")
    assert status["count"] == len(listings) == 2
    engineer = listings["fc2f1f85-46a0-4a31-b165-683e39c07c04"]
    assert engineer["title"] == "Senior Site Reliability Engineer"
    assert engineer["base_salary"]["min_value"] == "102800.00"
    assert engineer["base_salary"]["max_value"] == "137000.00"
    assert engineer["base_salary"]["currency"] == "CAD"
    assert engineer["base_salary"]["unit_text"] == "YEAR"
    assert (engineer["country"], engineer["work_place"]) == ("CA", "hybrid")


def test_remotive_remoteok_and_jobicy(replayed):
    remotive, _ = board(replayed, "remotive")
    assert len(remotive) == 4
    salary = remotive["2091048"]["base_salary"]
    assert (salary["text"], salary["min_value"], salary["max_value"], salary["currency"]) == (
        "$55k - $100k", "55000.00", "100000.00", "USD")
    assert remotive["2091048"]["date_posted"] == "2026-07-09T08:01:56Z"
    assert "base_salary" not in remotive["2091047"]
    remoteok, status = board(replayed, "remoteok")
    assert status["count"] == len(remoteok) == 4, "the legal notice is no listing"
    assert remoteok["1134698"]["title"] == "Australian English Voice Actor Adelaide"
    assert "base_salary" not in remoteok["1134698"], "a salary of 0 means none"
    jobicy, _ = board(replayed, "jobicy")
    assert len(jobicy) == 4
    assert jobicy["146002"]["occupational_category"] == "Marketing & Sales"
    salary = jobicy["146002"]["base_salary"]
    assert (salary["min_value"], salary["currency"], salary["unit_text"]) == ("151000.00", "USD", "YEAR")
    assert "max_value" not in salary


def test_an_id_beyond_53_bits_keeps_every_digit(replayed):
    text = recorded("json/greenhouse.json")
    long_id = "9223372036854775809012345"
    assert text.count(b'"id": 8636903002') == 1
    replayed.partners.serve("/v1/boards/gitlab/jobs", JSON,
                            text.replace(b'"id": 8636903002', f'"id": {long_id}'.encode()))
    listings, _ = board(replayed, "greenhouse-gitlab")
    assert listings[long_id]["title"] == "Customer Data Scientist - Experimentation"


def test_weworkremotely(replayed):
    # The schedule may have pulled it already: then all is the same.
    summary = pull(replayed, "weworkremotely")
    assert summary["records"] == summary["new"] + summary["same"] == 4
    # Whenever this runs, the index must not hide the listings as expired: their last day moves, nothing else does.
    text = recorded("xml/weworkremotely.rss")
    lasting, moved = re.subn(rb"<expires_at>[^<]*", b"<expires_at>Fri, 09 Aug 2126 22:45:30 +0000", text)
    assert moved == 4
    replayed.partners.serve("/remote-jobs.rss", "application/rss+xml", lasting)
    assert news(pull(replayed, "weworkremotely")) == (0, 0, 4, 0, 0)
    listings = stored(replayed, "weworkremotely")
    assert len(listings) == 4
    coach = listings["mathmo-maths-coach"]
    assert (coach["title"], coach["hiring_organization"]) == ("Maths Coach", "Mathmo")
    assert coach["date_posted"] == "2026-07-10T22:45:30Z"
    assert coach["employment_type"] == ["CONTRACTOR"]
    assert coach["description"].startswith("Headquarters: London")


def test_six_thousand_listings_of_simplify(replayed):
    # 6,000 less 631 that are not visible; 20 of the rest have no URL, and one id stands for two of them, which are both kept.
    first = pull(replayed, "interns")
    assert first["records"] == 6000 - 631
    assert first["rejected"] == 20
    assert first["new"] == 6000 - 631 - 20
    assert (first["clashed"], first["repeated"]) == (1, 0)
    assert first["first_rejection"].startswith("record 24: url")
    again = pull(replayed, "interns")
    assert (again["new"], again["changed"], again["gone"], again["rejected"]) == (0, 0, 0, 20)
    listings = stored(replayed, "interns", q="Schneider Electric intern Andover")
    assert listings["b28ccc9d-d1dd-46e6-b7d5-cd2ffc68e97c"]["title"] == "Software Engineer Intern 🛂"
    capital_one = stored(replayed, "interns", q="Product Development Intern Capital One")
    assert capital_one["98b2d671-3f03-430e-b18c-e5ddb8ce5035"]["job_location"] == "McLean, VA; Plano, TX"
    assert capital_one["98b2d671-3f03-430e-b18c-e5ddb8ce5035"]["date_posted"] == "2023-05-12T04:00:00Z"


def test_hellowork_and_its_windows_1252_twin(replayed):
    assert news(pull(replayed, "hellowork")) == (5, 0, 0, 0, 0)
    listings = stored(replayed, "hellowork")
    assert len(listings) == 5
    manager = listings["68087320"]
    assert manager["title"] == "Manager en Stratégie Management et Organisation H/F"
    assert manager["date_posted"] == "2024-01-30T22:21:39Z", "Paris time in winter"
    assert manager["bid"] == {"amount": "0.28", "currency": "EUR"}, "the decimal comma of 0,28"
    assert manager["work_place"] == "on_site"
    assert [found for found in stored(replayed, "hellowork", q="strategie organisation vincennes")] == ["68087320"]
    replayed.partners.serve("/hellowork.xml", XML, recorded("reencoded/hellowork.windows-1252.xml"))
    twin = pull(replayed, "hellowork")
    assert news(twin) == (0, 5, 0, 0, 0), "the same letters in other bytes are the same listings"
    assert stored(replayed, "hellowork")["68087320"]["title"] == "Manager en Stratégie Management et Organisation H/F"


def test_an_employer_s_feed_day_by_day(replayed):
    """Counts as the files themselves have them. Absence counts when it is confirmed by the next full feed."""
    def day(date):
        name = f"xml/indeed-4corner-2026-{date}.xml"
        replayed.partners.serve("/jobs.xml", "application/gzip", gzip.compress(recorded(name), mtime=0))
        return news(pull(replayed, "indeed-feed"))

    assert day("06-15") == (35, 0, 0, 0, 0)
    technician = stored(replayed, "indeed-feed", q="IT Field Tech")["32439219"]
    assert technician["base_salary"] == {"min_value": "16.00", "max_value": "19.00", "currency": "USD", "unit_text": "HOUR",
                                         "text": "$16-$19/hour", "annual_min_value": "33280.00", "annual_max_value": "39520.00"}
    assert "Florida's largest" in technician["description"]
    assert day("06-16") == (0, 0, 35, 0, 0)
    assert day("06-17") == (2, 0, 27, 0, 0), "8 are absent for the first time"
    assert "31586340" in stored(replayed, "indeed-feed")
    assert day("06-22") == (1, 24, 0, 8, 0), "a new date is no change"
    listings = stored(replayed, "indeed-feed")
    assert "31586340" not in listings and len(listings) == 25 + 5
    assert listings["32434175"]["job_location"].startswith("New York City")
    assert day("06-24") == (0, 21, 4, 5, 0)
    listings = stored(replayed, "indeed-feed")
    assert len(listings) == 25
    assert listings["32434175"]["job_location"].startswith("Bronx")
    assert day("06-24") == (0, 25, 0, 0, 0)


def test_a_feed_that_shrinks_to_less_than_half_takes_nothing_away(replayed):
    replayed.partners.serve("/jobs.xml", XML, recorded("xml/indeed-4corner-2026-07-14.xml"))
    whole = pull(replayed, "indeed-feed")
    assert whole["records"] == 27
    before = stored(replayed, "indeed-feed")
    text = recorded("xml/indeed-4corner-2026-07-14.xml")
    head, first = text.index(b"<job>"), text.index(b"</job>") + len(b"</job>")
    replayed.partners.serve("/jobs.xml", XML, text[:first] + text[text.rindex(b"</job>") + len(b"</job>"):])
    assert head < first
    for _ in range(3):
        [summary] = replayed.json("feed", "pull", "indeed-feed")
        assert (summary["records"], summary["guarded"], summary["gone"]) == (1, True, 0)
    assert stored(replayed, "indeed-feed").keys() == before.keys()
    cut = text[:len(text) // 2]
    replayed.partners.serve("/jobs.xml", XML, cut)
    replayed.command("feed", "pull", "indeed-feed", code=1)
    assert stored(replayed, "indeed-feed").keys() == before.keys()


def test_castilla_y_leon_with_semicolons_and_its_iso_8859_15_twin(replayed):
    assert news(pull(replayed, "jcyl")) == (701, 0, 0, 0, 0)
    listings = stored(replayed, "jcyl", q="electromecánico Fabero")
    leader = listings["1285327199895"]
    assert leader["title"] == "JEFES DE EQUIPO EN TALLER ELECTROMECÁNICO"
    assert leader["job_location"] == "Fabero, León"
    assert leader["date_posted"] == "2023-10-25T22:00:00Z", "midnight in Madrid"
    assert (leader["latitude"], leader["longitude"]) == (42.770725, -6.622292)
    assert leader["description"].startswith("JEFE DE EQUIPO EN TALLER ELECTROMECÁNICO")
    assert news(pull(replayed, "jcyl-latin")) == (701, 0, 0, 0, 0)
    twins = stored(replayed, "jcyl-latin", q="electromecánico Fabero")
    assert twins.keys() == listings.keys()
    for identifier, twin in twins.items():
        for key in ("title", "job_location", "description", "date_posted", "latitude"):
            assert twin[key] == listings[identifier][key]
