"""Searches of partners that answer late, by the real binary: how long they take, what they bring, and what they cost."""
import asyncio
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import time

from cpu import cpu_s

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DEFINITION = """source: {name}
partner: {name}
private_hosts: true
search:
  get: http://127.0.0.1:{port}/{name}/search
  query: {{q: "{{keywords}}", location: "{{location}}"}}
  answer: {{json: "results[*]", total: total}}
  listing:
    id: id
    title: title
    company: company
    location: location
    country: country
    posted_at: posted
    description: description
    url: url
    bid: {{amount: bid, currency: = USD}}
"""


@contextlib.contextmanager
def partners(sources, median_ms, p99_ms, hang_one_in):
    command = [sys.executable, ROOT / "bench/partners.py", *(str(number) for number in (sources, median_ms, p99_ms, hang_one_in))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@contextlib.contextmanager
def weir(folder, sources, port):
    """The process and the port of a request tier that asks these sources."""
    definitions = folder / f"sources-{port}"
    definitions.mkdir()
    for i in range(sources):
        (definitions / f"s{i:02}.yaml").write_text(DEFINITION.format(name=f"s{i:02}", port=port))
    config = folder / f"weir-{port}.yaml"
    config.write_text(f"data: {folder}/data-{port}\nsources: {definitions}\nlisten: 127.0.0.1:0\n")
    with subprocess.Popen([BUILD / "weir", "serve", "--config", config], stderr=subprocess.PIPE, text=True) as process:
        try:
            port = next(event["port"] for event in map(json.loads, process.stderr) if event.get("event") == "weir.started")
            yield process, port
            process.terminate()
            process.stderr.read()
        finally:
            process.kill()


async def get(port, path):
    """The body, and when its last byte had come (CLOCK_MONOTONIC, ns)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: weir-bench\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    at = time.monotonic_ns()
    writer.close()
    return answer.split(b"\r\n\r\n", 1)[1], at


async def searches(port, count, a_second, path_of, each):
    """Starts so many a second, however long they take."""
    async def one(i):
        started = time.monotonic_ns()
        body, at = await get(port, path_of(i))
        await each(i, body, started, at)

    tasks, begun = [], time.monotonic()
    for i in range(count):
        await asyncio.sleep(max(0, begun + i / a_second - time.monotonic()))
        tasks.append(asyncio.create_task(one(i)))
    await asyncio.gather(*tasks)


def quantile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def tail(folder, count=600):
    """Rows of a table: modes among twenty sources of p50 80 ms, p99 900 ms, of whose answers one in a hundred never comes."""
    rows, whole = [], None
    with partners(20, 80, 900, 100) as far, weir(folder, 20, far) as (_, port):
        async def ask(mode, many, label):
            took, listings, ended = [], [], {}

            async def each(_, body, started, at):
                answer = json.loads(body)
                took.append((at - started) / 1e6)
                listings.append(answer["total"])
                ended[answer["ended"]] = ended.get(answer["ended"], 0) + 1

            await searches(port, many, 10, lambda i: f"/v1/search?q={label}{i}&mode={mode}", each)
            return took, listings, ended

        asyncio.run(ask("widest", 60, "learn"))
        for mode in ("widest", "balanced", "fastest"):
            took, listings, ended = asyncio.run(ask(mode, count, mode))
            mean = sum(listings) / len(listings)
            whole = whole or mean
            rows.append([mode, *(f"{quantile(took, share):.0f}" for share in (0.5, 0.95, 0.99, 1)), f"{mean:.0f}", f"{mean / whole * 100:.1f}",
                         ", ".join(f"{why} {number}" for why, number in sorted(ended.items()))])
    return rows


def past_deadline(folder, count=500, a_second=25):
    """Rows of a table: how long after their deadline of 300 ms searches were answered, as Weir itself sees it and as the client does."""
    beyond = []

    async def each(_, body, started, at):
        if json.loads(body)["ended"] == "deadline":
            beyond.append((at - started) / 1e6 - 300)

    with partners(20, 80, 900, 100) as far, weir(folder, 20, far) as (_, port):
        asyncio.run(searches(port, count, a_second, lambda i: f"/v1/search?q=past{i}&mode=widest&timeout_ms=300", each))
        metrics = asyncio.run(get(port, "/metrics"))[0].decode()
    within = {float(end) * 1000: int(number) for end, number in
              re.findall(r'weir_search_past_deadline_seconds_bucket{mode="widest",le="([^"]+)"} (\d+)', metrics)}
    seen = {end: sum(ms <= end for ms in beyond) for end in within}
    ends = [end for end in within if end <= 50]
    return ["", "searches", *(f"% in {end:g} ms" for end in ends)], [
        [name, str(len(beyond)), *(f"{numbers[end] / len(beyond) * 100:.1f}" for end in ends)]
        for name, numbers in (("handed to the connection", within), ("read by the client", seen))]


@contextlib.contextmanager
def node(port, sources):
    with subprocess.Popen(["node", ROOT / "bench/peers/undici/fan_out.mjs", str(port), str(sources)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.terminate()


def cost(folder, count=1500, a_second=100):
    """Rows of a table: cold searches of ten sources with twenty listings each, 20 ms late, beside who does less."""
    rows = []

    def served(name, process, port, far, path_of):
        added = []

        async def each(i, body, _, at):
            assert json.loads(body)["total"] == 200, body[:200]
            left, _ = await get(far, f"/left/{path_of(i).split('q=')[1].split('&')[0]}")
            added.append((at - int(left)) / 1e6)

        asyncio.run(searches(port, 300, a_second, lambda i: path_of(f"warm{i}"), nothing))
        before = cpu_s(process.pid)
        asyncio.run(searches(port, count, a_second, path_of, each))
        rows.append([name, (cpu_s(process.pid) - before) / count * 1e6, quantile(added, 0.5), quantile(added, 0.99)])

    async def nothing(*_):
        pass

    with partners(10, 20, 20, 0) as far:
        bare = [BUILD / "bench/bench_bare_fan_out", str(far), "10", str(count), str(a_second)]
        rows.append(["bare libcurl and yajl", float(subprocess.run(bare, stdout=subprocess.PIPE, text=True, check=True).stdout), None, None])
        with node(far, 10) as (process, port):
            served("Node, undici", process, port, far, lambda i: f"/v1/search?q=node{i}")
        with weir(folder, 10, far) as (process, port):
            served("Weir", process, port, far, lambda i: f"/v1/search?q=weir{i}&mode=widest")
    least = rows[0][1]
    return [[name, f"{cpu:.0f}", f"{cpu / least:.2f}", *("" if ms is None else f"{ms:.2f}" for ms in (median, worst))]
            for name, cpu, median, worst in rows]


def fan_out(folder, table):
    table("Twenty sources (p50 80 ms, p99 900 ms, 1 in 100 hangs), 10 searches a second",
          ["", "p50 ms", "p95 ms", "p99 ms", "max ms", "listings", "% of widest", "ended by"], tail(folder))
    table("Searches that their deadline ended, and how long after it they were answered; 25 a second, of twenty sources", *past_deadline(folder))
    table("Ten sources with twenty listings each (160 KB), 20 ms late, 100 cold searches a second",
          ["", "CPU us", "CPU ratio", "added p50 ms", "p99 ms"], cost(folder))
