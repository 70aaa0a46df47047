"""The whole loop, as a user sees it: a search, a click, the partner's money, and every cent back at its search."""
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from weir import ask, wait_until

WORDS = "engineer"


NETWORKS = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo")


def pull_all(weir):
    """Asks for all days around: the simulated partners' time may be far ahead of ours."""
    for network in NETWORKS:
        weir.command("revenue", "pull", "--source", network, "--since", day(-3), "--until", day(3))


def day(offset):
    return (datetime.now(timezone.utc) + timedelta(days=offset)).strftime("%Y-%m-%d")


def earned(weir):
    """What our ledger says each source owes, by source and currency."""
    report = weir.json("revenue", "report", "--since", "2020-01-01", "--until", "2100-01-01")[0]
    return {(row["key"], item["currency"]): Decimal(item["earned"]["amount"])
            for row in report["rows"] for item in row["earnings"] if Decimal(item["earned"]["amount"])}


def owed(weir):
    """What the simulated partners' own books say."""
    return {(name, book["currency"]): Decimal(book["micros"]) / 1000000
            for name, book in weir.control("books")["networks"].items() if book["micros"] != "0"}


def click_some(weir, answer, how_many):
    for listing in answer["listings"][:how_many]:
        weir.click(listing)


def test_a_cent_is_found_at_the_search_that_earned_it(weir):
    answer = weir.search(q=WORDS, mode="widest", per_page=50)
    assert answer["listings"], answer["sources"]
    click_some(weir, answer, 12)
    weir.wait_shipped()
    weir.control("advance?seconds=600")
    pull_all(weir)

    traced = weir.json("trace", answer["search_id"])[0]
    assert traced["of"] == "search"
    assert len(traced["clicks"]) == 12
    paid = [line for line in traced["lines"] if line["entries"]]
    assert paid, "no click of this search earned anything"
    for line in paid:
        booked = {entry["search_id"] for entry in line["entries"] if entry["account"].startswith("attributed")}
        assert booked <= {answer["search_id"]}

    # The same chain from its other end.
    key = paid[0]["key"].removeprefix("id:")
    back = weir.json("trace", key)[0]
    assert answer["search_id"] in [search["search_id"] for search in back["searches"]]
    assert weir.command("audit")


def test_our_ledger_and_the_partners_books_agree_to_the_last_millionth(weir):
    click_some(weir, weir.search(q=WORDS, mode="widest", per_page=60), 40)
    weir.wait_shipped()
    # Reports come late, in pieces, twice, corrected and clawed back; each look is another state of the books.
    for seconds in (5, 30, 120, 600, 3600, 6 * 3600):
        weir.control(f"advance?seconds={seconds}")
        pull_all(weir)
        weir.command("audit")
    assert owed(weir)
    assert earned(weir) == owed(weir)


def test_pulling_again_changes_nothing(weir):
    click_some(weir, weir.search(q=WORDS, mode="widest", per_page=30), 10)
    weir.wait_shipped()
    weir.control("advance?seconds=7200")
    pull_all(weir)
    before = earned(weir)
    pull_all(weir)
    pull_all(weir)
    assert earned(weir) == before
    weir.command("audit")


def test_a_kill_in_the_middle_loses_no_click_and_no_cent(weir):
    clicked = 0
    for _ in range(3):
        answer = weir.search(q=WORDS, mode="widest", per_page=30)
        click_some(weir, answer, 8)
        clicked += 8
        weir.control("advance?seconds=900")
        weir.kill()
        weir.start()
        pull_all(weir)
        weir.command("audit")
    weir.wait_shipped()
    weir.command("audit")

    report = weir.json("revenue", "report", "--since", "2020-01-01")[0]
    assert report["totals"]["clicks_gross"] == clicked


def test_the_schedule_pulls_by_itself(weir):
    click_some(weir, weir.search(q=WORDS, mode="widest", per_page=60), 40)

    def anything_earned():
        return ask(f"{weir.url}/v1/revenue?group_by=source").json()["totals"]["earnings"]

    wait_until(anything_earned, "scheduled pulls book earnings", 150)
    weir.command("audit")
