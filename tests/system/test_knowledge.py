"""What searches learned of sources is there after a restart."""
from weir import metric

ASKED = {"mode": "widest", "timeout_ms": 1000, "sources": "alder,cedar,fir", "explain": "true"}
FILES = 'weir_knowledge_total{result="%s"}'


def look(weir, words):
    """How each source is scored before it is asked; of one that rests, the first words why."""
    return {source["source"]: source.get("reason", "")[:19] or source["score"] for source in weir.search(q=words, **ASKED)["sources"]
            if source["source"] in ASKED["sources"].split(",")}


def test_a_restart_knows_sources_as_before_and_a_broken_file_costs_only_that(make_weir):
    weir = make_weir()
    weir.start()
    assert metric(weir.url, FILES % "none") == 1
    weir.control("faults/cedar?fault=429&for_s=120")
    for i in range(8):
        weir.search(q=f"welder {i}", **ASKED)
    before = look(weir, "nurse")
    assert before["alder"]["calls"] >= 8 and before["cedar"] == "cooling down after "
    weir.stop()
    weir.start()
    assert metric(weir.url, FILES % "loaded") == 1
    after = look(weir, "cook")
    assert after["cedar"] == before["cedar"]
    for source in ("alder", "fir"):
        # One search more was learned of, and the moment away took a little.
        assert before[source]["calls"] <= after[source]["calls"] <= before[source]["calls"] + 1
        assert abs(after[source]["in_time"] - before[source]["in_time"]) < 50
    weir.stop()
    file = weir.data / "knowledge"
    file.write_bytes(file.read_bytes()[:-1])
    weir.start()
    assert metric(weir.url, FILES % "unreadable") == 1
    assert "searches begin to learn of sources anew" in weir.log_text()
    assert all(score["calls"] == 0 for score in look(weir, "baker").values())
