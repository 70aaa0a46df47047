"""The HTTP surface: errors name the field, health says how it is, stopping drops nothing."""
import concurrent.futures
import urllib.parse

from weir import ask


def test_a_wrong_parameter_is_named(make_weir):
    weir = make_weir()
    weir.start()
    for query, field in [("per_page=1000", "per_page"), ("page=x", "page"), ("mode=quick", "mode"), ("country=Narnia", "country"),
                         ("what=nurse", "what"), ("timeout_ms=-1", "timeout_ms")]:
        answer = ask(f"{weir.url}/v1/search?{query}")
        assert answer.status == 400, query
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == field
    answer = ask(f"{weir.url}/v1/revenue?group_by=moon")
    assert answer.status == 400 and answer.json()["errors"][0]["field"] == "group_by"
    assert ask(f"{weir.url}/nowhere").status == 404
    assert ask(f"{weir.url}/v1/search", method="POST", data=b"").status == 405
    assert ask(f"{weir.url}/v1/trace/NOTHING").status == 404


def test_an_answer_says_what_was_asked_and_how_every_source_did(make_weir):
    weir = make_weir()
    weir.start()
    answer = weir.search(q=" Senior  Engineer ", location="London", mode="widest")
    assert len(answer["search_id"]) == 13
    assert answer["mode"] == "widest"
    assert answer["query"]["location"] == "London"
    assert round(answer["place"]["latitude"], 1) == 51.5 and round(answer["place"]["longitude"], 1) == -0.1
    assert weir.search(q="engineer", location="Nowhere in particular")["place"] is None
    assert "place" not in weir.search(q="engineer")
    assert {"alder", "birch", "cedar", "fir", "ginkgo"} <= {source["source"] for source in answer["sources"]}
    positions = [listing["position"] for listing in answer["listings"]]
    assert positions == list(range(1, len(positions) + 1))
    ids = [listing["id"] for listing in answer["listings"]]
    assert len(ids) == len(set(ids))
    assert answer["ended"] == "all"
    assert all("score" not in it for it in answer["sources"] + answer["listings"])
    answer = weir.search(q="plumber", mode="widest", location="London", explain="true")
    assert 0 < answer["plan_ms"] <= 5000
    for listing in answer["listings"]:
        score = listing["score"]
        parts = ("relevance", "place", "freshness", "revenue", "repeats")
        assert score["total"] == sum(score[part] for part in parts), score
    assert sorted(listing["score"]["by_points"] for listing in answer["listings"])[0] == 1
    for source in answer["sources"]:
        assert source["status"] != "skipped" or source["reason"]
        if source["status"] != "skipped" and source["source"] in ("alder", "birch", "cedar"):
            score = source["score"]
            assert score["total"] == (score["in_time"] * score["new"] // 1000 * score["fit"] // 1000 * (1000 + score["value"])
                                      // 1000 * score["room"] // 1000), score


def test_a_client_says_how_long_it_would_wait_in_the_words_of_rfc_7240(make_weir):
    weir = make_weir()
    weir.start()
    weir.control("faults/cedar?fault=hang&for_s=60")
    answer = ask(f"{weir.url}/v1/search?q=welder&mode=widest&sources=cedar,fir", headers={"Prefer": "return=minimal, wait=1"})
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.json()["ended"] == "deadline" and answer.json()["took_ms"] >= 990
    answer = ask(f"{weir.url}/v1/search?q=welder&sources=cedar,fir&mode=widest&timeout_ms=200", headers={"Prefer": "wait=1"})
    assert "Preference-Applied" not in answer.headers
    assert answer.json()["ended"] == "deadline" and 190 <= answer.json()["took_ms"] < 990


def test_a_cached_search_is_a_new_search_with_fresh_links(make_weir):
    weir = make_weir()
    weir.start()
    asked = {"q": "nurse", "sources": "alder,birch,cedar,fir,ginkgo"}
    first = weir.search(**asked, mode="widest")
    second = weir.search(**asked, mode="widest")
    assert first["cache"] == "miss" and second["cache"] == "hit"
    kept = [source for source in second["sources"] if source.get("cache") == "hit"]
    assert kept and all(source["ttl_s"] > 0 and source["took_ms"] == 0 for source in kept)
    third = ask(f"{weir.url}/v1/search?{urllib.parse.urlencode(asked)}&mode=fastest")
    assert third.headers["Cache-Control"] == "no-store"
    assert third.headers["Cache-Status"].startswith("weir; hit; ttl="), third.headers["Cache-Status"]
    assert first["search_id"] != second["search_id"]
    assert {x["url"] for x in first["listings"]}.isdisjoint(x["url"] for x in second["listings"])


def test_pages_neither_repeat_nor_skip(make_weir):
    weir = make_weir()
    weir.start()
    seen, parameters, cursors = [], {"q": "engineer", "mode": "widest", "per_page": 10}, []
    answer = weir.search(**parameters)
    for _ in range(4):
        seen += [listing["id"] for listing in answer["listings"]]
        cursors.append(answer["next_cursor"])
        answer = weir.search(**parameters, cursor=answer["next_cursor"])
        assert "snapshot" not in answer and "cursor" not in answer["query"]
    assert len(seen) == 40 and len(set(seen)) == 40

    other = ask(f"{weir.url}/v1/search?q=nurse&mode=widest&per_page=10&cursor={cursors[0]}")
    assert other.status == 400 and other.json()["detail"].startswith("cursor: "), other.json()
    weir.stop()
    weir.start()  # another process, so to speak: it has the keys, and not the pages
    answer = weir.search(**parameters, cursor=cursors[0])
    assert answer["snapshot"] == "rebuilt" and answer["listings"]
    assert set(seen[:10]).isdisjoint(listing["id"] for listing in answer["listings"])


def test_health_and_metrics(make_weir):
    weir = make_weir()
    weir.start()
    weir.search(q="nurse", mode="widest")
    assert ask(f"{weir.url}/livez").status == 200
    assert ask(f"{weir.url}/readyz").status == 200
    text = ask(f"{weir.url}/metrics").body.decode()
    assert 'weir_searches_total{mode="widest"' in text
    assert 'weir_source_calls_total{source="alder",outcome="ok"} 1' in text


def test_stopping_answers_what_is_under_way(make_weir):
    weir = make_weir()
    weir.start()
    weir.control("latency/all?ms=700")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        searches = [pool.submit(weir.search, q=f"engineer {i}", mode="widest", timeout_ms=3000) for i in range(8)]
        import time
        time.sleep(0.3)
        weir.stop()
        answers = [search.result() for search in searches]
    assert all(answer["search_id"] for answer in answers)
    weir.command("audit")
