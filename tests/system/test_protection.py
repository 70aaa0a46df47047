"""Partners that fail, and more requests than can be served: what is left out, and what goes on."""
import concurrent.futures
import itertools

from weir import ask, wait_until

FAULTS = {"alder": "500", "birch": "429", "cedar": "hang", "fir": "drip", "ginkgo": "endless"}
ASKED = {"mode": "widest", "timeout_ms": 200, "sources": ",".join(FAULTS)}


def health(weir):
    return {source["source"]: source["health"] for source in ask(f"{weir.url}/v1/sources").json()["sources"] if "health" in source}


def test_partners_that_only_fail_are_left_alone(make_weir):
    weir = make_weir()
    weir.start()
    for source, fault in FAULTS.items():
        weir.control(f"faults/{source}?fault={fault}&for_s=120")
    assert all(health(weir)[source]["state"] == "closed" for source in FAULTS)
    words = itertools.count()
    rested = {}

    def all_were_left_alone():
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: weir.search(q=f"welder {next(words)}", **ASKED), range(4)))
        for row in (row for answer in answers for row in answer["sources"] if row["source"] in FAULTS):
            # One that hangs is either found slow by its own calls, or known not to answer in time.
            if row["status"] == "skipped" and row["reason"].startswith(("cooling down after ", "hardly ever answers within ")):
                rested[row["source"]] = row["reason"]
        return rested.keys() == FAULTS.keys()

    wait_until(all_were_left_alone, "all are left alone", 40)
    assert "quota" in rested["birch"]


def test_under_overload_pages_are_refused_first_then_searches_and_clicks_last(make_weir):
    weir = make_weir(settings="overload: {open: 4, delay: 1m}\n")
    weir.start()
    weir.control("faults/cedar?fault=hang&for_s=60")

    def search(i, timeout_ms=4500):
        return ask(f"{weir.url}/v1/search?q=nurse{i}&mode=widest&sources=cedar&timeout_ms={timeout_ms}").status

    def hold(i):
        """A search that hangs. One that was answered a moment ago may still be counted: then it is refused, and asks again."""
        return wait_until(lambda: (status := search(i)) != 503 and status, "a search is let in")

    assert ask(f"{weir.url}/v1/sources").status == 200
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(hold, i) for i in range(2)]
        wait_until(lambda: ask(f"{weir.url}/v1/sources").status == 503, "pages are refused", 5)
        refused = ask(f"{weir.url}/v1/sources")
        assert refused.headers["Retry-After"] == "1" and refused.json()["title"] == "Service Unavailable"
        slow.append(pool.submit(hold, 2))
        wait_until(lambda: search(3, 50) == 503, "searches are refused", 5)
        assert ask(f"{weir.url}/c/nothing").status == 404
        assert ask(f"{weir.url}/livez").status == 200
        assert [future.result() for future in slow] == [200] * 3
    wait_until(lambda: ask(f"{weir.url}/v1/sources").status == 200, "all is well again", 5)
    metrics = ask(f"{weir.url}/metrics").body.decode()
    assert 'weir_requests_refused_total{class="search",reason="open"}' in metrics
    assert 'weir_requests_refused_total{class="click"' not in metrics
