"""Without internet the public boards are reported as unreachable, and nothing else suffers."""
import shutil
import time

from replay import SHIPPED, Partners

# Keyless boards as they ship. Of two kinds of absence: a name that nobody resolves (RFC 2606), a port nobody listens on.
KEYLESS = {
    "arbeitnow": "https://www.arbeitnow.com",
    "ashby": "https://api.ashbyhq.com",
    "bundesagentur": "https://rest.arbeitsagentur.de",
    "greenhouse": "https://boards-api.greenhouse.io",
    "himalayas": "https://himalayas.app",
    "jobicy": "https://jobicy.com",
    "lever": "https://api.lever.co",
    "remoteok": "https://remoteok.com",
    "remotive": "https://remotive.com",
    "themuse": "https://www.themuse.com",
    "workday": "https://{tenant}.{host}.myworkdayjobs.com",
}
NAMELESS = {"ashby", "lever", "remotive", "themuse"}


def test_without_internet_public_boards_are_unreachable_and_the_rest_answers(make_weir, tmp_path):
    partners = Partners(tmp_path)
    partners.close()
    shutil.copytree(SHIPPED, partners.definitions, dirs_exist_ok=True)
    for name, host in KEYLESS.items():
        partners.use(name, host, "https://boards.invalid" if name in NAMELESS else None)
    weir = make_weir(settings=f"allow_private_hosts: true\nsources: {partners.definitions}\n")
    weir.start()

    started = time.monotonic()
    answer = weir.search(q="engineer", mode="widest", per_page=100, timeout_ms=3000)
    took = time.monotonic() - started

    by_name = {source["source"]: source for source in answer["sources"]}
    boards = [name for name in by_name if name.split("-")[0] in KEYLESS]
    assert len(boards) == 14, "three of the definitions have two instances"
    for name in boards:
        assert by_name[name]["status"] == "unreachable", by_name[name]
        assert by_name[name]["reason"], name
        assert by_name[name]["count"] == 0
    answering = {name for name, source in by_name.items() if source["status"] == "ok"}
    assert {"alder", "birch", "cedar", "fir", "ginkgo"} <= answering, by_name
    assert answer["listings"]
    assert {listing["source"] for listing in answer["listings"]} <= answering
    assert answer["partial"] is True
    assert took < 3.5
    # What needs a key says so; it is not counted as a failure.
    assert by_name["reed"]["status"] == "skipped" and "REED_KEY" in by_name["reed"]["reason"]
