"""What weir serve holds in memory: idle, and while a million searches and clicks go through it."""
import contextlib
import json
import os
import pathlib
import re
import subprocess

from cached_search import ROOT, SOURCES, free_port, get, listings_of, running, wait_for, weir

CONNECTIONS, QUESTIONS = 16, 600  # whose answers do not all fit
REQUESTS = int(os.environ.get("WEIR_BENCH_REQUESTS", "1000000"))
STEP_SECONDS = 10
NGINX = """user root; worker_processes 1; pid {folder}/partners.pid; error_log {folder}/partners-error.log; daemon off;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; default_type application/json;
  server {{ listen 127.0.0.1:{port}; root {folder}/answers; }} }}
"""


@contextlib.contextmanager
def quick_partners(folder):
    """Ten that answer from files, so that it's Weir that the run waits for."""
    port, answers = free_port(), folder / "answers"
    answers.mkdir()
    for source in range(SOURCES):
        (answers / str(source)).write_text(json.dumps({"results": listings_of(source)}))
    (folder / "partners.conf").write_text(NGINX.format(folder=folder, port=port))
    with running("nginx", "-c", folder / "partners.conf", "-p", folder):
        wait_for(port, "/0")
        yield port


def resident_mb(pid):
    """Its memory: all that is resident, and what of it is its own (heap and stacks, not the program)."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return [int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M).group(1)) / 1024 for name in ("VmRSS", "RssAnon")]


def kept_mb(port):
    return int(re.search(r"^weir_cache_bytes (\d+)", get(port, "/metrics")[1].decode(), re.M).group(1)) / 1e6


def drive(port, seed):
    """Requests of one step: how many, and how many of them were turned away, since the machine was too busy."""
    said = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{STEP_SECONDS}s", "--timeout", "30s", "-s", ROOT / "bench/memory.lua",
                           f"http://127.0.0.1:{port}", "--", str(QUESTIONS), str(seed)], capture_output=True, text=True, check=True).stdout
    assert "Socket errors" not in said, said
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return int(re.search(r"(\d+) requests in", said).group(1)), int(refused.group(1)) if refused else 0


def memory(folder, table):
    rows, answered, refused, next_row = [], 0, 0, 0
    with quick_partners(folder) as partner_port, weir(folder, partner_port) as (pid, port, settled):
        def note(name):
            resident, own = resident_mb(pid)
            rows.append([name, f"{resident:.1f}", f"{own:.1f}", f"{kept_mb(port):.1f}"])

        note("idle, ten sources, one search")
        while answered < REQUESTS:
            came, turned_away = drive(port, answered)
            answered += came
            refused += turned_away
            if answered >= next_row or answered >= REQUESTS:
                note(f"{answered:,} requests")
                next_row = answered + REQUESTS // 10
        settled()
        print(f"  {refused:,} of {answered:,} turned away")
        note("all events in the database")
    table(f"Memory of weir serve, ten sources, {QUESTIONS:,} questions, searches and clicks in turns, {CONNECTIONS} connections",
          ["", "resident MB", "its own", "kept answers MB"], rows)
