"""The real binary, driven from outside: started on free ports in a temporary folder, asked over HTTP, stopped by its own
pid."""
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("WEIR_BINARY", ROOT / "build" / "weir"))
SHARED = ROOT.parent / "shared"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lasting_port():
    """One that stays free while nobody listens: the kernel gives it to no connection as its own end."""
    first, _ = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    while True:
        port = random.randrange(max(1024, first - 10000), first)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def wait_until(true, what, seconds=20):
    """Asks again until it is true; a test that waits in vain fails with what it waited for."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


OPENER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def ask(url, method="GET", headers=None, data=None, timeout=30):
    request = urllib.request.Request(url, method=method, data=data, headers={"User-Agent": BROWSER, **(headers or {})})
    try:
        with OPENER.open(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        return Answer(answer.code, answer.headers, answer.read())


def metric(url, name):
    """A whole number; name: with its labels as they are printed. None when it is not there."""
    for line in ask(f"{url}/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return int(float(line.split()[-1]))
    return None


def sandbox_definitions(folder):
    """The simulated partners' definitions alone: who runs tests asks no partner outside, and waits for none."""
    folder.mkdir()
    (folder / "sandbox").symlink_to(ROOT / "sources/sandbox")
    return folder


class Weir:
    """One deployment: a data folder, a configuration, and any number of runs of the binary on it."""

    def __init__(self, folder, database=None, settings="", sandbox=None, lag="1s", environment=None, public_url=None):
        """lag: of the partners' reports. environment: for every process, beside our own."""
        self.data, self.database, self.environment = pathlib.Path(folder) / "data", database, environment or {}
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self.config = pathlib.Path(folder) / "weir.yaml"
        if "sources:" not in settings:
            settings += f"sources: {sandbox_definitions(pathlib.Path(folder) / 'sources')}\n"
        self.config.write_text(f"listen: 127.0.0.1:{self.port}\npublic_url: {public_url or self.url}\ndata: {self.data}\n"
                               + (f"database: {database}\n" if database else "")
                               + (sandbox or f"sandbox: {{enabled: true, port: {self.sandbox_port}, lag: {lag}}}\n") + settings)
        self.log = open(pathlib.Path(folder) / "log.jsonl", "ab")
        self.processes = []

    def start(self, command="run", ready=True):
        process = subprocess.Popen([BINARY, command, "--config", self.config], stdout=self.log, stderr=self.log,
                                   env={**os.environ, **self.environment})
        self.processes.append(process)
        if ready:
            self.wait_ready(process)
        return process

    def wait_ready(self, process):
        def is_ready():
            assert process.poll() is None, f"weir ended with {process.returncode}:\n{self.log_text()[-3000:]}"
            try:
                return ask(f"{self.url}/readyz").status == 200
            except OSError:
                return False
        wait_until(is_ready, "/readyz answers 200", 30)

    def stop(self, process=None):
        process = process or self.processes[-1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, self.log_text()[-3000:]

    def kill(self, process=None):
        process = process or self.processes[-1]
        process.kill()
        process.wait()

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.log.close()

    def log_text(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def command(self, *words, code=0):
        """Runs a tool command; the exit code must be as said."""
        done = subprocess.run([BINARY, words[0], "--config", self.config, *words[1:]], capture_output=True, text=True,
                              timeout=120, env={**os.environ, **self.environment})
        print(done.stderr)  # shown with the test, should it fail
        assert done.returncode == code, f"weir {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *words):
        return [json.loads(line) for line in self.command(*words, "--json").splitlines()]

    def rows(self, sql):
        """Asks the database itself; cells as texts."""
        if self.database:
            done = subprocess.run(["psql", "-qAtX", "-F", "\x1f", "-c", sql, self.database], capture_output=True, text=True, check=True)
            return [line.split("\x1f") for line in done.stdout.splitlines()]
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'weir.db'}?mode=ro", uri=True)) as database:
            return [[str(cell) for cell in row] for row in database.execute(sql)]

    def change(self, *statements):
        """Writes to the database, as another node would."""
        if self.database:
            for sql in statements:
                self.rows(sql)
            return
        with contextlib.closing(sqlite3.connect(self.data / "weir.db", timeout=30)) as database, database:
            for sql in statements:
                database.execute(sql)

    def tick(self, schedule):
        """Lets a schedule tick now instead of at its next moment, and waits until what it does is done."""
        self.change(f"DELETE FROM schedule_slot WHERE schedule = '{schedule}'",
                    f"UPDATE schedule SET next_slot_us = 0 WHERE name = '{schedule}'")
        # A slot without a task: the one before is still under way.
        over = ("SELECT COUNT(*) FROM schedule_slot LEFT JOIN task ON task.id = task_id "
                f"WHERE schedule_slot.schedule = '{schedule}' AND (task_id IS NULL OR task.state = 2)")
        wait_until(lambda: self.rows(over) != [["0"]], f"{schedule} has ticked", 60)

    def search(self, **parameters):
        answer = ask(f"{self.url}/v1/search?{urllib.parse.urlencode(parameters)}")
        assert answer.status == 200, answer.body
        return answer.json()

    def click(self, listing, **kwargs):
        """Follows a listing as a browser would: our redirect, then the partner's page."""
        redirect = ask(listing["url"], **kwargs)
        assert redirect.status == 302, (redirect.status, redirect.body)
        landing = ask(redirect.headers["Location"], headers=kwargs.get("headers"))
        assert landing.status == 200, (redirect.headers["Location"], landing.body)
        return redirect.headers["Location"]

    def control(self, path):
        """Tells the sandbox something, or asks for its books."""
        answer = ask(f"{self.sandbox_url}/control/{path}", method="GET" if path.startswith("books") else "POST")
        assert answer.status in (200, 204), (path, answer.status, answer.body)
        return answer.json() if answer.status == 200 else None

    def wait_shipped(self):
        """Until every event is in the database."""
        wait_until(lambda: metric(self.url, "weir_spool_backlog_events") == 0, "the spool is empty")
