"""Partners that fail, and more requests than can be served: what is left out, and what goes on."""
import concurrent.futures
import time

from weir import ask, wait_until

FAULTS = {"alder": "500", "birch": "429", "cedar": "hang", "fir": "drip", "ginkgo": "endless"}


def health(weir):
    return {source["source"]: source["health"] for source in ask(f"{weir.url}/v1/sources").json()["sources"] if "health" in source}


def test_partners_that_only_fail_are_left_alone_within_three_seconds(make_weir):
    weir = make_weir()
    weir.start()
    for source, fault in FAULTS.items():
        weir.control(f"faults/{source}?fault={fault}&for_s=60")
    assert all(health(weir)[source]["state"] == "closed" for source in FAULTS)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: weir.search(q=f"welder {i}", mode="widest", timeout_ms=200), range(16)))
    wait_until(lambda: all(health(weir)[source]["state"] == "open" for source in FAULTS), "all are left alone", 5)
    assert time.monotonic() - began < 3.5, health(weir)
    assert health(weir)["birch"]["reason"] == "quota"
    answer = weir.search(q="baker", mode="widest", timeout_ms=200)
    rows = {source["source"]: source for source in answer["sources"]}
    for source in FAULTS:
        assert rows[source]["status"] == "skipped" and rows[source]["reason"].startswith("cooling down after "), rows[source]


def test_under_overload_pages_are_refused_first_then_searches_and_clicks_last(make_weir):
    weir = make_weir(settings="overload: {open: 8}\n")
    weir.start()
    weir.control("faults/cedar?fault=hang&for_s=60")

    def search(i, timeout_ms=1500):
        return ask(f"{weir.url}/v1/search?q=nurse{i}&mode=widest&sources=cedar&timeout_ms={timeout_ms}").status

    assert ask(f"{weir.url}/v1/sources").status == 200
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        slow = [pool.submit(search, i) for i in range(4)]
        wait_until(lambda: ask(f"{weir.url}/v1/sources").status == 503, "pages are refused", 5)
        refused = ask(f"{weir.url}/v1/sources")
        assert refused.headers["Retry-After"] == "1" and refused.json()["title"] == "Service Unavailable"
        slow += [pool.submit(search, i) for i in (4, 5)]
        wait_until(lambda: search(6, 50) == 503, "searches are refused", 5)
        assert ask(f"{weir.url}/c/nothing").status == 404
        assert ask(f"{weir.url}/livez").status == 200
        assert [future.result() for future in slow] == [200] * 6
    wait_until(lambda: ask(f"{weir.url}/v1/sources").status == 200, "all is well again", 5)
    metrics = ask(f"{weir.url}/metrics").body.decode()
    assert 'weir_requests_refused_total{class="search",reason="open"}' in metrics
    assert 'weir_requests_refused_total{class="click"' not in metrics
