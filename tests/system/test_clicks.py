"""Which clicks count, and which links lead anywhere."""
import shutil
import time

import pytest

from weir import ROOT, ask, metric


@pytest.fixture
def listing(weir):
    return weir.search(q="engineer", mode="widest")["listings"][0]


def clicks(weir):
    weir.wait_shipped()
    totals = ask(f"{weir.url}/v1/revenue?group_by=source").json()["totals"]
    return totals["clicks_gross"], totals["clicks"]


def test_a_browsers_click_counts_and_carries_its_id_to_the_partner(weir, listing):
    redirect = ask(listing["url"])
    assert redirect.status == 302
    assert redirect.headers["Cache-Control"] == "no-store"
    assert redirect.headers["Referrer-Policy"] == "no-referrer"
    assert redirect.headers["Location"].startswith(weir.sandbox_url)
    assert clicks(weir) == (1, 1)


@pytest.mark.parametrize("how", [
    {"method": "HEAD"},
    {"headers": {"Sec-Purpose": "prefetch"}},
    {"headers": {"Purpose": "prefetch"}},
    {"headers": {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}},
    {"headers": {"User-Agent": "facebookexternalhit/1.1"}},
], ids=["head", "sec-purpose", "purpose", "crawler", "preview"])
def test_what_is_no_person_is_redirected_and_not_counted(weir, listing, how):
    assert ask(listing["url"], **how).status == 302
    assert clicks(weir) == (1, 0)


def test_a_list_of_robots_in_the_configuration_flags_clicks_and_tells_its_version(make_weir, tmp_path):
    counter = tmp_path / "COUNTER_Robots_list.json"
    counter.write_text('[{"pattern": "ferret", "last_changed": "2017-08-08"}, {"pattern": "^Filter$", "last_changed": "2019-01-22"}]')
    weir = make_weir(settings=f"robots_list: {counter}\n")
    weir.start()
    url = weir.search(q="engineer", mode="widest")["listings"][0]["url"]
    assert ask(url, headers={"User-Agent": "Mozilla/5.0 Ferret/2"}).status == 302
    assert clicks(weir) == (1, 0)
    assert metric(weir.url, 'weir_robot_patterns{list="COUNTER_Robots_list",version="2019-01-22"}') == 2


def test_a_double_click_counts_once(weir, listing):
    for _ in range(3):
        assert ask(listing["url"]).status == 302
    assert clicks(weir) == (3, 1)


def test_a_forged_or_altered_token_never_redirects(weir, listing):
    head, token = listing["url"].rsplit("/", 1)
    for i in (0, 1, 5, len(token) // 2, len(token) - 1):
        altered = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:]
        answer = ask(f"{head}/{altered}")
        assert answer.status == 404 and "Location" not in answer.headers, altered
    for nonsense in ("", "x", "https%3A%2F%2Fevil.example", token[:-4], token + "AAAA"):
        answer = ask(f"{head}/{nonsense}")
        assert answer.status in (400, 404) and "Location" not in answer.headers
    assert clicks(weir) == (0, 0)


def test_a_link_older_than_its_lifetime_says_so(make_weir):
    weir = make_weir(settings="token_lifetime: 1ms\n")
    weir.start()
    listing = weir.search(q="engineer", mode="widest")["listings"][0]
    # The moment of issue is kept to the second.
    time.sleep(1.1)
    answer = ask(listing["url"])
    assert answer.status == 410 and "Location" not in answer.headers
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_click_whose_price_has_ended_is_not_sent_to_the_partner(make_weir, tmp_path):
    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "sources" / "sandbox", sources / "sandbox")
    alder = sources / "sandbox" / "alder.yaml"
    alder.write_text(alder.read_text().replace("\nclick:\n", "\nclick:\n  lifetime: 4s\n"))
    weir = make_weir(settings=f"sources: {sources}\n")
    weir.start()
    asked_at = time.monotonic()
    listings = weir.search(q="engineer", mode="widest", sources="alder,birch", per_page=100)["listings"]
    good = next(listing for listing in listings if listing["source"] == "birch")
    # A second search shows the same answer: its links are new, but not what the partner said.
    time.sleep(max(0, asked_at + 1.5 - time.monotonic()))
    again = weir.search(q="engineer", mode="widest", sources="alder,birch", per_page=100)
    assert again["cache"] == "hit"
    ended = next(listing for listing in again["listings"] if listing["source"] == "alder")
    assert ask(ended["url"]).status == 302
    time.sleep(max(0, asked_at + 4.3 - time.monotonic()))
    assert ask(ended["url"]).status == 410
    assert ask(good["url"]).status == 302
