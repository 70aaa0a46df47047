"""A click that is on the disk before its redirect leaves, beside nginx, which redirects and writes a line into a buffered log, and
beside Koa, which opens the link and records nothing: what one costs, in CPU time."""
import contextlib
import json
import pathlib
import re
import sqlite3
import statistics
import subprocess

from cached_search import PATH, ROOT, free_port, get, partners, running, wait_for, weir
from cpu import cpu_s, thread_cpu_s

CONNECTIONS, SECONDS, ROUNDS, LINKS = 64, 4, 5, 2000
SHIPPER = "spool-shipper"
NGINX = """worker_processes 1; pid {folder}/clicks-nginx.pid; error_log {folder}/clicks-error.log; daemon off;
events {{ worker_connections 256; }}
http {{ access_log {folder}/clicks-access.log combined buffer=64k flush=1s; keepalive_requests 100000000; tcp_nodelay on;
  server {{ listen 127.0.0.1:{port}; large_client_header_buffers 4 16k;
    location = /ready {{ return 204; }}
    location /c/ {{ return 302 https://partner1.example/land/ad/7412345678?se=abcdefghijkmabcdefghijkmabcdefghijkmabcdefghijkmabcdefghijkm&v=1; }} }} }}
"""


@contextlib.contextmanager
def nginx(folder):
    port = free_port()
    (folder / "clicks-nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    with running("nginx", "-c", folder / "clicks-nginx.conf", "-p", folder) as pid:
        wait_for(port, "/ready")
        yield pid, port


@contextlib.contextmanager
def koa(paths):
    port = free_port()
    with running("node", ROOT / "bench/peers/koa/clicks.mjs", str(port), paths, str(LINKS)) as pid:
        wait_for(port, "/ready")
        yield pid, port


def links(port, paths):
    """Writes the paths of links, of as many searches as it takes."""
    made = []
    while len(made) < LINKS:
        made += [re.sub(r"^http://[^/]*", "", each["url"]) for each in json.loads(get(port, PATH)[1])["listings"]]
    paths.write_text("".join(f"{path}\n" for path in made[:LINKS]))


def cost(pid, port, paths, settled=lambda: None):
    """Of one round: microseconds of CPU a click, those of them on the way into the database, the 99th percentile of the time of a
    click in milliseconds, and how many there were."""
    before, shipper_before = cpu_s(pid), thread_cpu_s(pid, SHIPPER)
    said = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", ROOT / "bench/clicks.lua", f"http://127.0.0.1:{port}",
                           "--", paths], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said and re.search(r"Socket errors: (?!connect 0, read 0, write 0)", said) is None, said
    settled()
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    count = int(re.search(r"(\d+) requests in", said).group(1))
    return ((cpu_s(pid) - before) / count * 1e6, (thread_cpu_s(pid, SHIPPER) - shipper_before) / count * 1e6,
            float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit], count)


def click_bench(folder, table):
    koa_paths, weir_paths = folder / "koa-paths", folder / "weir-paths"
    with partners() as partner_port, weir(folder, partner_port) as (weir_pid, weir_port, settled), \
            koa(koa_paths) as (koa_pid, koa_port), nginx(folder) as (nginx_pid, nginx_port):
        links(weir_port, weir_paths)
        rounds = [(cost(nginx_pid, nginx_port, weir_paths), cost(weir_pid, weir_port, weir_paths, settled), cost(koa_pid, koa_port, koa_paths))
                  for _ in range(ROUNDS)]
        counted = re.search(r'^weir_clicks_total\{result="counted"\} (\d+)', get(weir_port, "/metrics")[1].decode(), re.M).group(1)
        with contextlib.closing(sqlite3.connect(folder / "data/weir.db")) as database:
            recorded, = database.execute("SELECT COUNT(*) FROM click WHERE flags = 0").fetchone()
    answered = sum(each[1][3] for each in rounds)
    print(f"  {answered:,} clicks answered, {int(counted):,} counted, {recorded:,} recorded")
    assert recorded == int(counted) >= answered, "clicks were flagged, or are missing"
    (bare, _, bare_p99), (ours, shipping, our_p99), (peer, _, peer_p99) = (
        [statistics.median(values) for values in list(zip(*each))[:3]] for each in zip(*rounds))
    rows = [("nginx, return 302 and a buffered log", bare, bare_p99), ("Weir, durable before the answer", ours - shipping, our_p99),
            ("Weir, until it is in the database", ours, our_p99), ("Koa 2, link opened, nothing recorded", peer, peer_p99)]
    table(f"A click, {CONNECTIONS} connections, median of {ROUNDS} rounds of {SECONDS} s", ["", "CPU µs", "of nginx", "of Koa", "p99 ms"],
          [[name, f"{us:.1f}", f"{us / bare:.2f}", f"{us / peer:.2f}", f"{p99:.1f}"] for name, us, p99 in rows])
