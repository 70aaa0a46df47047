"""Partners for the fan-out benchmarks: usage partners.py SOURCES MEDIAN_MS P99_MS HANG_ONE_IN. Prints its port.

GET /NAME/search?q=Q answers with twenty listings that no other source has, as late as a lognormal distribution through
the two quantiles says (equal quantiles: exactly so late); one answer in HANG_ONE_IN (0: none) never comes. GET /left/Q says when the last
answer to Q was written (CLOCK_MONOTONIC, ns)."""
import asyncio
import json
import math
import random
import sys
import time

SOURCES, MEDIAN_MS, P99_MS, HANG_ONE_IN = (int(argument) for argument in sys.argv[1:5])
SPREAD = math.log(P99_MS / MEDIAN_MS) / 2.3263
CHANCE = random.Random(20)
WORDS = [f"{first}{second}" for first in ("nurse", "care", "ward", "night", "senior", "lead") for second in ("ly", "er", "ing", "", "s", "ist")]


def answer_of(name):
    results = [{
        "id": f"{name}-{i}", "title": f"{' '.join(CHANCE.choices(WORDS, k=3))} {name} {i}", "company": f"Company {CHANCE.randrange(10**6)} of {name}",
        "location": "London", "country": "GB", "posted": "2026-11-20T08:00:00Z", "bid": "0.25", "url": f"https://{name}.example/land/{i}?utm_source=x&k={CHANCE.randrange(10**9)}",
        "description": " ".join(CHANCE.choices(WORDS, k=100))[:560]} for i in range(20)]
    body = json.dumps({"total": 20, "results": results}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


ANSWERS = {f"s{i:02}": answer_of(f"s{i:02}") for i in range(SOURCES)}
LEFT = {}


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1].decode()
            if path.startswith("/left/"):
                body = b"%d" % LEFT.pop(path[6:], 0)
                self.transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                self.transport.close()
                return
            name, query = path[1:].split("/search?q=")
            if HANG_ONE_IN and CHANCE.randrange(HANG_ONE_IN) == 0:
                continue
            late = MEDIAN_MS / 1000 * math.exp(SPREAD * CHANCE.gauss(0, 1))
            asyncio.get_running_loop().call_later(late, self.answer, name, query.split("&")[0])

    def answer(self, name, query):
        if not self.transport.is_closing():
            LEFT[query] = time.monotonic_ns()
            self.transport.write(ANSWERS[name])


async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
