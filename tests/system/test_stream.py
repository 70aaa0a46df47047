"""Searches as streams: listings arrive as sources answer, then their order; who goes away or does not read holds nobody up."""
import concurrent.futures
import contextlib
import http.client
import json
import re
import shlex
import socket
import subprocess
import time
import urllib.parse

from weir import BROWSER, ROOT, ask, metric, wait_until

SSE, NDJSON = "text/event-stream", "application/x-ndjson"
FAST, SLOW = ["alder", "birch", "elm"], "cedar"


class Event:
    def __init__(self, name, data, event_id=None):
        self.name, self.data, self.id, self.at = name, data, event_id, time.monotonic()


def sse_events(lines):
    """As WHATWG HTML, 9.2.6, has them parsed; a comment is an event named ":"."""
    name, data, event_id = "message", [], None
    for line in lines:
        line = line.rstrip("\n")
        if line == "":
            if data:
                yield Event(name, json.loads("\n".join(data)), event_id)
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "":
            yield Event(":", value)
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            event_id = value
        else:
            assert field == "retry" and value.isdigit(), line


def ndjson_events(lines):
    for line in lines:
        event = json.loads(line)
        yield Event(event["event"], event.get("data"), event.get("id"))


@contextlib.contextmanager
def stream(weir, accept=SSE, headers=None, **parameters):
    """The answer's head, and its events as they come."""
    connection = http.client.HTTPConnection("127.0.0.1", weir.port, timeout=20)
    try:
        connection.request("GET", f"/v1/search?{urllib.parse.urlencode(parameters)}",
                           headers={"Accept": accept, "User-Agent": BROWSER, **(headers or {})})
        answer = connection.getresponse()
        lines = iter(lambda: answer.readline().decode(), "")
        yield answer, (ndjson_events if accept == NDJSON else sse_events)(lines)
    finally:
        connection.close()


def streamed(weir, accept=SSE, **parameters):
    with stream(weir, accept, **parameters) as (answer, events):
        assert answer.status == 200, answer.read()
        return list(events)


def named(events, name):
    return [event for event in events if event.name == name]


def test_listings_arrive_as_sources_answer_and_then_their_order(weir):
    weir.start()
    weir.control(f"latency/{SLOW}?ms=1000")
    asked = {"q": "engineer", "mode": "widest", "sources": ",".join([*FAST, SLOW])}
    for accept in (SSE, NDJSON):
        asked["per_page"] = 20 if accept == SSE else 5
        events = streamed(weir, accept, **asked)
        listings, sources, done = named(events, "listing"), named(events, "source"), events[-1]
        assert events[0].name == "search" and events[0].data["query"]["q"] == "engineer"
        assert done.name == "done" and [event.name for event in events].count("done") == 1
        assert [event.id for event in listings] == [f"{done.data['search_id']}.{i + 1}" for i in range(len(listings))]
        assert done.id == f"{done.data['search_id']}.done"
        if accept == SSE:  # later, what has come is kept
            slow = next(event for event in sources if event.data["source"] == SLOW)
            assert listings[0].at < slow.at - 0.5 and slow.data["status"] == "ok" and slow.data["took_ms"] >= 1000
        assert {event.data["source"] for event in sources} == {*FAST, SLOW}
        assert [event.data for event in named(events, "asked")] == [{"sources": len([*FAST, SLOW])}]
        assert events[1].name == "asked"
        assert [event.data["position"] for event in listings] == list(range(1, len(listings) + 1))
        ids = [event.data["id"] for event in listings]
        assert len(set(ids)) == len(ids) and set(done.data["order"]) <= set(ids)
        # The same answers, now kept, and nobody watching.
        plain = weir.search(**asked)
        assert done.data["order"] == [listing["id"] for listing in plain["listings"]]
        assert {**done.data, "order": 0}.keys() == {**plain, "order": 0}.keys() - {"listings"}
        assert [done.data[name] for name in ("total", "next_page", "partial", "mode", "query")] == [
            plain[name] for name in ("total", "next_page", "partial", "mode", "query")]

    # What was sent is what is recorded, and each link leads back to it.
    weir.click(listings[-1].data)
    weir.wait_shipped()
    trace = ask(f"{weir.url}/v1/trace/{done.data['search_id']}").json()
    [search], [click] = trace["searches"], trace["clicks"]
    assert [shown["listing_id"] for shown in search["shown"]] == [event.data["identifier"] for event in listings]
    assert (click["position"], click["listing"]) == (len(listings), listings[-1].data["identifier"])


def test_a_client_that_goes_away_ends_what_only_it_waits_for(make_weir):
    weir = make_weir()
    weir.start()
    weir.control(f"latency/{SLOW}?ms=3500")
    asked = {"mode": "widest", "timeout_ms": 5000, "sources": f"{FAST[0]},{SLOW}"}
    url = f"{weir.url}/v1/search?{urllib.parse.urlencode({'q': 'nurse', **asked})}"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with subprocess.Popen(["curl", "-sN", "-H", f"Accept: {SSE}", url], stdout=subprocess.PIPE, text=True) as curl:
            events = sse_events(iter(curl.stdout.readline, ""))
            first = next(event for event in events if event.name == "listing")
            other = pool.submit(weir.search, q="nurse", **asked)
            wait_until(lambda: metric(weir.url, 'weir_flights_total{result="joined"}'), "another waits for the same")
            curl.kill()
        gone = 'weir_search_streams_total{format="sse",outcome="gone"}'
        wait_until(lambda: metric(weir.url, gone) == 1, "it is noticed that it has gone", 3.4)
        assert not other.done()
        assert metric(weir.url, 'weir_search_ends_total{mode="widest",why="gone"}') == 1
        # The other one gets it all the same.
        assert {row["source"]: row["status"] for row in other.result()["sources"] if row["source"] in asked["sources"]} == {
            FAST[0]: "ok", SLOW: "ok"}
    # What only one waits for is not waited for any more, and not kept for anybody.
    before = metric(weir.url, 'weir_flights_total{result="cancelled"}') or 0
    with stream(weir, q="welder", **asked) as (_, events):
        next(event for event in events if event.name == "listing")
    wait_until(lambda: metric(weir.url, gone) == 2, "it is noticed that it has gone, too", 3.4)
    assert metric(weir.url, 'weir_flights_total{result="cancelled"}') == before + 1
    weir.wait_shipped()
    search_id = first.id.split(".")[0]
    [search] = ask(f"{weir.url}/v1/trace/{search_id}").json()["searches"]
    assert first.data["identifier"] in [shown["listing_id"] for shown in search["shown"]]


def test_clients_that_do_not_read_hold_nobody_up(make_weir):
    weir = make_weir()
    weir.start()
    whole = 'weir_search_streams_total{format="ndjson",outcome="whole"}'
    with contextlib.ExitStack() as stack:
        for i in range(20):
            lazy = stack.enter_context(socket.socket())
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.connect(("127.0.0.1", weir.port))
            lazy.sendall(f"GET /v1/search?q=nurse{i % 3}&per_page=100 HTTP/1.1\r\nHost: a\r\nAccept: {NDJSON}\r\n\r\n".encode())
        wait_until(lambda: metric(weir.url, whole) == 20, "every search has ended by its own deadline", 5)
        assert ask(f"{weir.url}/v1/search?q=nurse").status == 200


def test_so_many_streams_are_under_way_at_once_and_no_more(make_weir):
    weir = make_weir()
    weir.start()
    weir.control(f"latency/{SLOW}?ms=2500")
    asked = {"q": "nurse", "mode": "widest", "sources": SLOW}
    request = f"GET /v1/search?{urllib.parse.urlencode(asked)} HTTP/1.1\r\nHost: a\r\n".encode()
    request += f"User-Agent: {BROWSER}\r\nAccept: {SSE}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(socket.create_connection(("127.0.0.1", weir.port))) for _ in range(256)]
        for each in streams:
            each.sendall(request)
        for each in streams:
            assert each.recv(15) == b"HTTP/1.1 200 OK"
        refused = ask(f"{weir.url}/v1/search?q=nurse", headers={"Accept": SSE})
        assert refused.status == 503 and refused.headers["Retry-After"] == "1" and "streamed" in refused.json()["detail"]
        assert ask(f"{weir.url}/v1/search?q=nurse").status == 200
    wait_until(lambda: ask(f"{weir.url}/v1/search?q=nurse", headers={"Accept": SSE}).status == 200, "there is room again", 10)
    assert metric(weir.url, 'weir_search_streams_total{format="sse",outcome="refused"}') >= 1


def test_each_second_without_news_shows_that_the_connection_stands(make_weir):
    weir = make_weir()
    weir.start()
    weir.control(f"latency/{SLOW}?ms=2300")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        sse, ndjson = (pool.submit(streamed, weir, accept, q=f"nurse {accept}", mode="widest", sources=SLOW) for accept in (SSE, NDJSON))
    assert [event.name for event in sse.result()][:3] == ["search", "asked", ":"]
    assert [event.name for event in ndjson.result()][:3] == ["search", "asked", "heartbeat"]


def test_the_form_is_what_the_client_would_rather_have(make_weir):
    weir = make_weir()
    weir.start()
    url = f"{weir.url}/v1/search?q=nurse"

    def answer(accept, **kwargs):
        return ask(kwargs.pop("url", url), headers={"Accept": accept, **kwargs.pop("headers", {})}, **kwargs)

    for accept, content_type in (("*/*", "application/json"), ("application/json;q=0.5, text/event-stream;q=0.4", "application/json"),
                                 (f"application/json;q=0.4, {NDJSON}", NDJSON), ("text/*", SSE)):
        given = answer(accept)
        assert (given.status, given.headers["Content-Type"]) == (200, content_type), accept
        assert given.headers["Cache-Control"] == "no-store" and "Accept" in given.headers.get_all("Vary")
    refused = answer("text/html")
    assert refused.status == 406 and refused.json()["title"] == "Not Acceptable" and NDJSON in refused.json()["detail"]
    # It is never compressed, and nothing on the way is to hold it back.
    given = answer(SSE, headers={"Accept-Encoding": "gzip"})
    assert given.headers["Content-Encoding"] is None and given.headers["X-Accel-Buffering"] == "no"
    assert answer(SSE, method="HEAD").headers["Content-Type"] == SSE
    # A browser whose connection breaks after the end would ask again for ever.
    last = [line.removeprefix("id: ") for line in given.body.decode().splitlines() if line.startswith("id: ")][-1]
    assert answer(SSE, headers={"Last-Event-ID": last}).status == 204
    assert answer(SSE, headers={"Last-Event-ID": last.split(".")[0] + ".3"}).status == 200
    # What is wrong is said before anything is sent.
    wrong = answer(SSE, url=f"{url}&per_page=0")
    assert wrong.status == 400 and wrong.json()["errors"][0]["field"] == "per_page"
    assert answer(SSE, url=f"{url}&sources=nobody").status == 400
    with socket.create_connection(("127.0.0.1", weir.port)) as old:
        old.sendall(f"GET /v1/search?q=nurse HTTP/1.0\r\nAccept: {NDJSON}\r\n\r\n".encode())
        head, _, body = b"".join(iter(lambda: old.recv(65536), b"")).partition(b"\r\n\r\n")
        assert b"chunked" not in head.lower() and json.loads(body.splitlines()[-1])["event"] == "done"


def test_the_example_of_the_papers_shows_what_is_answered(make_weir):
    weir = make_weir()
    weir.start()
    section = (ROOT / "docs/api.md").read_text().split("### As a stream")[1].split("\n## ")[0]
    command, shown = re.search(r"^\$ (curl .*)\n((?:.*\n)*?)```", section, re.M).groups()
    answered = subprocess.run(shlex.split(command.replace("localhost:8080", f"127.0.0.1:{weir.port}")), capture_output=True,
                              text=True, check=True).stdout
    events = list(sse_events(answered.splitlines(keepends=True)))
    for block in shown.strip().split("\n\n"):
        name = re.search("^event: (.*)", block, re.M)
        if not name:
            assert block in answered
            continue
        assert (f"event: {name[1]}\nid: " in answered) == ("\nid: " in block), block
        members = set(re.findall(r'"(\w+)":', json.dumps(named(events, name[1])[-1].data)))
        assert set(re.findall(r'"(\w+)":', block)) <= members, block
