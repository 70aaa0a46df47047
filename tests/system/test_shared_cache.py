"""Processes that share answers in Redis, and what it costs them when Redis stops, dies or comes back."""
import concurrent.futures
import contextlib
import shutil
import signal
import subprocess

import pytest
from weir import free_port, metric, wait_until

CACHED = {"alder", "birch", "cedar", "fir", "ginkgo"}
ASKED = {"mode": "widest", "timeout_ms": 5000, "sources": ",".join(sorted(CACHED))}


@contextlib.contextmanager
def redis_server(port, folder):
    process = subprocess.Popen(["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no",
                                "--dir", folder], stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def connections(weir):
    return metric(weir.url, "weir_shared_cache_connections")


def kept_sources(answer):
    return {source["source"] for source in answer["sources"] if source.get("cache") == "hit"}


def stored(port):
    asked = subprocess.run(["redis-cli", "-p", str(port), "-n", "1", "dbsize"], capture_output=True, text=True, check=True)
    return int(asked.stdout)


def all_answer(weir, words):
    """Searches that nobody asked before, eight at a time: no partner's answer is late for Redis."""
    def search(word):
        answer = weir.search(q=f"nurse {word}", **ASKED)
        return all(source["status"] in ("ok", "empty") for source in answer["sources"] if source["source"] in CACHED)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return all(pool.map(search, words))


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_answers_are_shared_and_a_redis_that_stops_dies_or_returns_disturbs_nobody(make_weir, tmp_path):
    port = free_port()
    settings = f"cache: {{redis: 'redis://127.0.0.1:{port}/1', redis_timeout: 1s}}\n"  # long, for a busy machine
    one = make_weir(settings=settings)
    two = make_weir(settings=settings, sandbox=f"sandbox: {{enabled: true, url: '{one.sandbox_url}'}}\n")
    with redis_server(port, tmp_path) as redis:
        one.start()
        two.start("serve")
        wait_until(lambda: connections(one) == 2 and connections(two) == 2, "both are connected", 10)
        assert kept_sources(one.search(q="nurse", **ASKED)) == set()
        wait_until(lambda: stored(port) == len(CACHED), "the answers are stored", 10)
        assert kept_sources(two.search(q="nurse", **ASKED)) == CACHED

        redis.send_signal(signal.SIGSTOP)
        assert all_answer(one, range(20))
        assert connections(one) == 0
        redis.send_signal(signal.SIGCONT)
        wait_until(lambda: connections(one) == 2, "it is found again", 10)

        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            traffic = pool.submit(all_answer, one, range(100, 140))
            redis.kill()
            assert traffic.result()
    assert all_answer(one, range(200, 205))
    with redis_server(port, tmp_path):
        wait_until(lambda: connections(one) == 2 and connections(two) == 2, "its successor is found", 20)
        one.search(q="cook", **ASKED)
        wait_until(lambda: stored(port) == len(CACHED), "the answers are stored", 10)
        assert kept_sources(two.search(q="cook", **ASKED)) == CACHED
