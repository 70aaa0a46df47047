"""Partners that fail in each way, by the real binary: how much of the traffic they still get, and how soon they are back."""
import asyncio
import json
import pathlib
import re
import sys
import time

from fan_out import get, quantile, searches

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = ({"alder": "500", "birch": "429", "cedar": "hang"}, {"alder": "reset", "birch": "drip", "cedar": "endless"})
WELL = ["fir", "ginkgo"]
A_SECOND = 50
CALLS = re.compile(r'weir_source_calls_total\{source="(\w+)",outcome="(\w+)"\} (\d+)')
sys.path.insert(0, str(ROOT / "tests" / "system"))
from weir import Weir, ask  # noqa: E402


def calls(weir, sources):
    """How often each was asked so far, and how often it answered."""
    made, answered = dict.fromkeys(sources, 0), dict.fromkeys(sources, 0)
    for source, outcome, count in CALLS.findall(ask(f"{weir.url}/metrics").body.decode()):
        if source in made:
            made[source] += int(count)
            answered[source] += int(count) if outcome in ("ok", "empty") else 0
    return made, answered


async def traffic(weir, label, seconds, sources):
    """Searches of all of them for so long, each another question: how many asked which, and by how many milliseconds those
    that ended at their deadline were beyond it."""
    asked, beyond = dict.fromkeys(sources, 0), []

    async def each(_, body, started, at):
        answer = json.loads(body)
        for row in answer["sources"]:
            if row["source"] in asked and row["status"] != "skipped":
                asked[row["source"]] += 1
        if answer["ended"] == "deadline":
            beyond.append((at - started) / 1e6 - 1000)

    path = f"/v1/search?mode=widest&timeout_ms=1000&sources={','.join(sources)}&q="
    await searches(weir.port, int(seconds * A_SECOND), A_SECOND, lambda i: f"{path}{label}{i}", each)
    return asked, beyond


def one_round(folder, faults):
    """Rows of a table, and what traffic() told of the time when all failed."""
    sources, rows = [*faults, *WELL], []
    weir = Weir(folder)
    weir.start()
    try:
        asyncio.run(traffic(weir, "well", 3, sources))
        for source, fault in faults.items():
            weir.control(f"faults/{source}?fault={fault}&for_s=600")
        first, _ = asyncio.run(traffic(weir, "first", 3, sources))
        then, beyond = asyncio.run(traffic(weir, "then", 6, sources))
        for source in faults:
            weir.control(f"faults/{source}?fault=none")
        mended, (made, answered) = time.monotonic(), calls(weir, sources)
        back = {}
        while len(back) < len(faults) and time.monotonic() < mended + 60:
            asyncio.run(traffic(weir, f"back{time.monotonic_ns()}x", 0.2, sources))
            now, well = calls(weir, sources)
            for source in faults:
                if source not in back and well[source] > answered[source]:
                    back[source] = time.monotonic() - mended, now[source] - made[source] - (well[source] - answered[source])
        for source, fault in [*faults.items(), (WELL[0], "none")]:
            waited, failed = back.get(source, (None, None))
            rows.append([fault, str(first[source]), str(then[source]), f"{then[source] / (6 * A_SECOND) * 100:.1f}",
                         "" if waited is None else f"{waited:.1f}", "" if failed is None else str(failed)])
        return rows, beyond
    finally:
        weir.close()


def failing(folder, table):
    rows, beyond = [], []
    for number, faults in enumerate(ROUNDS):
        (folder / str(number)).mkdir()
        more, late = one_round(folder / str(number), faults)
        rows, beyond = rows + more, beyond + late
    table(f"Partners that fail, three at a time beside two that are well; {A_SECOND} searches a second, each asks all",
          ["", "asked in the first 3 s", "in the next 6 s", "% of searches", "s until back", "calls that failed meanwhile"], rows)
    if beyond:
        print(f"\n  {len(beyond)} searches ended at their deadline: {quantile(beyond, 0.99):.1f} ms beyond it at p99, at most {max(beyond):.1f} ms")
