"""A conversion that the partner's server tells us of: only with the secret agreed, and once however often it is told."""
import urllib.parse

import pytest

from weir import ask, metric

SECRET = "agreed-with-alder-7f3a"


@pytest.fixture
def told(make_weir, tmp_path):
    """A deployment that has a secret with alder, and how alder tells it something."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "WEIR_POSTBACK_ALDER").write_text(SECRET + "\n")
    weir = make_weir(settings=f"secrets: {tmp_path}/secrets\n")
    weir.start()

    def tell(source="alder", **parameters):
        return ask(f"{weir.url}/v1/postback/{source}?{urllib.parse.urlencode(parameters)}")

    return weir, tell


def counted(weir, outcome):
    return metric(weir.url, f'weir_report_lines_total{{source="alder",outcome="{outcome}"}}') or 0


def test_without_the_secret_nothing_is_taken(told):
    weir, tell = told
    said = {"key": "P1", "amount": "1.25", "currency": "USD"}
    assert tell(**said).status == 404
    assert tell(secret=SECRET + "x", **said).status == 404
    assert tell(source="birch", secret=SECRET, **said).status == 404
    assert weir.command("trace", "P1", code=1) == ""


def test_a_postback_told_again_counts_once_and_a_change_posts_the_difference(told):
    weir, tell = told
    before = counted(weir, "new")
    for _ in range(3):
        assert tell(secret=SECRET, key="P1", amount="1.25", currency="USD").status == 200
    assert tell(secret=SECRET, key="P1", amount="0.75", currency="USD").status == 200
    line = weir.json("trace", "P1")[0]["lines"][0]
    assert [revision["amount"]["amount"] for revision in line["revisions"]] == ["1.25", "0.75"]
    owed = [entry["amount"]["amount"] for entry in line["entries"] if entry["account"] == "receivable"]
    assert sorted(owed) == ["-0.50", "1.25"]
    assert (counted(weir, "new") - before, counted(weir, "changed")) == (1, 1)
    weir.command("audit")


def test_a_postback_that_lacks_something_names_it(told):
    _, tell = told
    answer = tell(secret=SECRET, key="P2", currency="USD")
    assert answer.status == 400
    assert "amount" in answer.json()["detail"]
