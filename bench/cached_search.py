"""A search whose ten sources' answers are all kept, beside nginx, which returns the same bytes, and beside Koa, which does the
same work: what one request costs, in CPU time of all threads and whatever they write later."""
import contextlib
import http.server
import json
import os
import pathlib
import random
import re
import socket
import sqlite3
import statistics
import subprocess
import threading
import time
import urllib.request

from cpu import cpu_s

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES, LISTINGS, PAGE = 10, 20, 20
CONNECTIONS, SECONDS, ROUNDS = 16, 4, 5
PATH = f"/v1/search?q=nurse&per_page={PAGE}"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listings_of(source):
    """Twenty listings, as a partner gives them; no two are the same position."""
    chance = random.Random(source)
    return [{"id": f"{source}-{i}", "title": f"Registered Nurse {source * LISTINGS + i} (m/f/d)", "company": f"Clinic {chance.randrange(1000)} of {source}",
             "city": chance.choice(["Berlin", "London", "Austin", "Lyon"]), "created": f"2026-11-{chance.randrange(1, 24):02d}T08:00:00Z",
             "salary": 40_000 + chance.randrange(30_000), "bid": f"0.{chance.randrange(10, 99)}",
             "url": f"https://partner{source}.example/land/ad/{chance.randrange(10**10)}?se=" + "".join(chance.choices("abcdefghijkmnp", k=60)),
             "text": "You care for patients. " + " ".join(chance.choices(["care", "ward", "night", "team", "health", "clinic"], k=30))}
            for i in range(LISTINGS)]


DEFINITION = """source: bench{number}
partner: Bench {number}
private_hosts: true
terms: {{attribution: Jobs by Bench {number}, cache: 1h}}
search:
  get: http://127.0.0.1:{port}/{number}
  query: {{q: "{{keywords}}", page: "{{page}}"}}
  pages: {{by: page, first: 1, size: 20}}
  answer: {{json: "results[*]"}}
  listing:
    id: id
    title: title
    company: company
    location: city
    snippet: text
    posted_at: created
    url: url
    bid: {{amount: bid, currency: = USD}}
"""


class Partner(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"results": listings_of(int(self.path[1:].split("?")[0]))}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def partners():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def get(port, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"User-Agent": BROWSER})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers, answer.read()


def wait_for(port, path="/"):
    for _ in range(300):
        with contextlib.suppress(OSError):
            get(port, path)
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


@contextlib.contextmanager
def running(*command, **more):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **more)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def cost(pid, port, path, settled):
    """Microseconds of CPU a request, of one round, with all that is left to do after the last answer."""
    before = cpu_s(pid)
    said = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"User-Agent: {BROWSER}", f"http://127.0.0.1:{port}{path}"],
                          capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    settled()
    return (cpu_s(pid) - before) / int(re.search(r"(\d+) requests in", said).group(1)) * 1e6


@contextlib.contextmanager
def weir(folder, partner_port):
    port, sources = free_port(), folder / "sources"
    sources.mkdir()
    for number in range(SOURCES):
        (sources / f"bench{number}.yaml").write_text(DEFINITION.format(number=number, port=partner_port))
    config = folder / "weir.yaml"
    config.write_text(f"listen: 127.0.0.1:{port}\ndata: {folder}/data\nsources: {sources}\nlog_level: error\nhttp_threads: 1\nsearch_threads: 1\n")
    with running(ROOT / "build/weir", "serve", "--config", config) as pid:
        wait_for(port, "/readyz")
        first = json.loads(get(port, PATH + "&mode=widest")[1])
        assert first["cache"] == "miss" and first["total"] == SOURCES * LISTINGS, (first["cache"], first["total"])

        def settled():
            while json.loads(get(port, "/healthz")[1])["events_waiting"] > 0:
                time.sleep(0.1)
        yield pid, port, settled
        with contextlib.closing(sqlite3.connect(folder / "data/weir.db")) as database:
            recorded, = database.execute("SELECT COUNT(*) FROM search").fetchone()
        answered = int(re.search(r'^weir_http_requests_total\{route="/v1/search",status="200"\} (\d+)', get(port, "/metrics")[1].decode(), re.M).group(1))
        print(f"  {answered:,} searches answered, {recorded:,} recorded")


NGINX = """worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on; tcp_nodelay on;
  open_file_cache max=10; default_type application/json;
  server {{ listen 127.0.0.1:{port}; location = /answer {{ alias {file}; }} }} }}
"""


@contextlib.contextmanager
def nginx(folder, body):
    port, file = free_port(), pathlib.Path("/dev/shm") / f"weir-bench-{os.getpid()}.json"
    file.write_bytes(body)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, file=file))
    try:
        with running("nginx", "-c", folder / "nginx.conf", "-p", folder) as pid:
            wait_for(port, "/answer")
            yield pid, port
    finally:
        file.unlink()


@contextlib.contextmanager
def koa(folder, partner_port):
    port = free_port()
    with running("node", ROOT / "bench/peers/koa/cached_search.mjs", str(port), str(partner_port), folder / "record.jsonl") as pid:
        wait_for(port, PATH)
        answer = json.loads(get(port, PATH)[1])
        assert answer["total"] == SOURCES * LISTINGS and len(answer["listings"]) == PAGE, answer["total"]
        yield pid, port


def cached_search(folder, table):
    with partners() as partner_port, weir(folder, partner_port) as (weir_pid, weir_port, settled), \
            koa(folder, partner_port) as (koa_pid, koa_port):
        headers, body = get(weir_port, PATH)
        assert headers["Cache-Status"].startswith("weir; hit"), headers["Cache-Status"]
        with nginx(folder, body) as (nginx_pid, nginx_port):
            rounds = [(cost(nginx_pid, nginx_port, "/answer", lambda: None), cost(weir_pid, weir_port, PATH, settled),
                       cost(koa_pid, koa_port, PATH, lambda: time.sleep(0.1))) for _ in range(ROUNDS)]
    bare, ours, peers = (statistics.median(each) for each in zip(*rounds))
    table(f"A search of {SOURCES} sources that were asked before, {PAGE} listings, {len(body) / 1000:.0f} KB, {CONNECTIONS} connections, "
          f"median of {ROUNDS} rounds of {SECONDS} s", ["", "CPU µs", "of nginx", "of Koa"],
          [[name, f"{us:.0f}", f"{us / bare:.2f}", f"{us / peers:.2f}"] for name, us in [
              ("nginx, the same bytes from memory", bare), ("Weir: new links, event in the database", ours),
              ("Koa 2: new links, event in a file", peers)]])
