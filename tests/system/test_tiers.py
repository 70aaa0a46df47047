"""The two tiers as separate processes on one PostgreSQL: what holds while workers die and freeze, and while the database
is gone. WEIR_FULL=1 stops the database for a whole minute."""
import json
import os
import signal
import subprocess
import threading
import time

import loopback
import pytest

from weir import ROOT, ask, free_port, metric, wait_until

OUTAGE_S = 60 if os.environ.get("WEIR_FULL") else 12


class Worker:
    """A `weir work` that tells how it is."""

    def __init__(self, make_weir, settings="", **kwargs):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.weir = make_weir(settings=f"work_listen: 127.0.0.1:{port}\n{settings}", **kwargs)
        self.start()

    def start(self):
        self.process = self.weir.start("work", ready=False)
        wait_until(self.is_ready, "/readyz answers 200")

    def is_ready(self):
        assert self.process.poll() is None, self.weir.log_text()[-3000:]
        try:
            return ask(f"{self.url}/readyz").status == 200
        except OSError:
            return False


def health(url):
    answer = ask(f"{url}/healthz")
    assert answer.status == 200
    return answer.json()


def test_weir_work_tells_how_it_is_and_nothing_else(make_weir):
    worker = Worker(make_weir)
    assert ask(f"{worker.url}/livez").body == b"ok\n"
    assert health(worker.url) == {"status": "ok", "database": "ok"}
    wait_until(lambda: metric(worker.url, 'weir_tasks_total{kind="retention",outcome="done"}'), "a task is done")
    wait_until(lambda: metric(worker.url, 'weir_database_up{part="tasks"}') == 1, "the database is known to be there")
    for path in ("/", "/v1/search?q=nurse", "/v1/tasks", "/dashboard"):
        assert ask(worker.url + path).status == 404, path
    worker.weir.stop(worker.process)


class Visitors:
    """Traffic without pause: searches, and a click on what each found. Every answer must be what a visitor wants."""

    def __init__(self, url, pause_s=0):
        self.url, self.pause_s, self.searches, self.clicks, self.failures = url, pause_s, 0, 0, []
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ends.wait(self.pause_s):
            try:
                answer = ask(f"{self.url}/v1/search?q=engineer&timeout_ms=1500")
                self.searches += answer.status == 200
                if answer.status != 200:
                    self.failures.append(("search", answer.status, answer.body))
                    continue
                for listing in answer.json()["listings"][:3]:
                    click = ask(listing["url"])
                    self.clicks += click.status == 302
                    if click.status != 302:
                        self.failures.append(("click", click.status, click.body))
            except OSError as error:
                self.failures.append(("connection", repr(error)))

    def stop(self):
        self.ends.set()
        self.thread.join()


def test_a_database_that_is_gone_for_a_while_costs_no_click_and_no_event(make_weir, own_postgres):
    url = own_postgres.make_database()
    serve = make_weir(database=url)
    serve.start("sandbox", ready=False)
    serve.start("serve")
    sandbox = f"sandbox: {{enabled: true, url: {serve.sandbox_url}}}\n"
    worker = Worker(make_weir, database=url, sandbox=sandbox, settings="task_lease: 2s\n")
    wait_until(lambda: own_postgres.query(url, "SELECT 1 FROM task WHERE state = 2 LIMIT 1"), "work is under way")
    visitors = Visitors(serve.url)
    wait_until(lambda: visitors.clicks > 20, "visitors come")
    before = visitors.clicks, visitors.searches

    own_postgres.stop(signal.SIGQUIT)
    gone_at = time.monotonic()
    wait_until(lambda: metric(serve.url, 'weir_database_up{part="spool"}') == 0, "the request tier has noticed")
    wait_until(lambda: metric(worker.url, 'weir_database_up{part="tasks"}') == 0, "the background tier has noticed")
    for tier in (serve.url, worker.url):
        assert health(tier)["status"] == "degraded" and health(tier)["database"] == "unavailable"
        assert ask(f"{tier}/readyz").status == 200
    while time.monotonic() < gone_at + OUTAGE_S:
        backlog = health(serve.url)["events_waiting"]
        time.sleep(1)
    assert backlog > 0
    during = visitors.clicks, visitors.searches
    assert during[0] > before[0] + OUTAGE_S and during[1] > before[1], "visitors were served all the time"
    own_postgres.start()

    wait_until(lambda: metric(serve.url, 'weir_database_up{part="spool"}') == 1, "the request tier has noticed")
    wait_until(lambda: visitors.clicks > during[0] + 20, "visitors still come")
    visitors.stop()
    assert visitors.failures == []
    serve.wait_shipped()
    assert own_postgres.query(url, "SELECT COUNT(*), COUNT(DISTINCT sub_id) FROM click") == \
        [[str(visitors.clicks), str(visitors.clicks)]]
    assert own_postgres.query(url, "SELECT COUNT(*) FROM search") == [[str(visitors.searches)]]
    assert health(serve.url) == {"status": "ok", "database": "ok", "events_waiting": 0, "events_quarantined": 0}

    # The background tier goes on by itself: what it was at is done, and nothing was given up.
    back = "(SELECT MAX(at_us) FROM click)"
    wait_until(lambda: own_postgres.query(url, f"SELECT 1 FROM task WHERE state = 2 AND finished_at_us > {back}"),
               "tasks are done again", 40)
    assert health(worker.url)["status"] == "ok" and metric(worker.url, 'weir_database_up{part="tasks"}') == 1
    assert own_postgres.query(url, "SELECT kind, key, message FROM task WHERE state = 3") == []
    assert worker.process.poll() is None
    serve.command("audit")


TICKS = 1000
FEEDS = 40
LEASE_S = 1
FEED = """source: {name}
partner: {name}
feed:
  get: {url}/{name}.json
  every: 1s
  full: true
  answer: {{json: items}}
  listing: {{id: id, title: title, url: url}}
click:
  subid: {{query: ref, letters_and_digits: 20}}
"""


class Feeds(loopback.Handler):
    """Partners with one feed each, who take their time, so that deaths find pulls under way."""

    def do_GET(self):
        name = self.path.split(".")[0].strip("/")
        items = [{"id": f"{name}-{i}", "title": f"Engineer {i}", "url": f"https://{name}.example/{i}"} for i in range(5)]
        body = json.dumps({"items": items}).encode()
        time.sleep(0.1)
        try:
            self.answer(200, {"Content-Type": "application/json"}, body)
        except OSError:
            pass  # who asked is dead


@pytest.fixture
def feeds(tmp_path):
    """The folder of definitions of partners that are asked every second."""
    folder = tmp_path / "sources"
    folder.mkdir()
    with loopback.serving(Feeds) as server:
        for name in (f"feed{i:02}" for i in range(FEEDS)):
            (folder / f"{name}.yaml").write_text(FEED.format(name=name, url=server.url))
        yield folder


def harm(worker, turn):
    """Kills a worker in the middle of its work, or freezes it until others have long taken its tasks over."""
    if turn % 2 == 0:
        worker.weir.kill(worker.process)
        worker.start()
    else:
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(2.5 * LEASE_S)
        worker.process.send_signal(signal.SIGCONT)


def test_a_thousand_ticks_have_each_their_effect_once_though_workers_die_and_freeze(make_weir, postgres_server, feeds):
    url = postgres_server.make_database()

    def one(sql):
        return int(postgres_server.query(url, sql)[0][0])

    settings = f"sources: {feeds}\nallow_private_hosts: true\nwork_threads: 4\ntask_lease: {LEASE_S}s\n"
    plain = {"database": url, "sandbox": "sandbox: {enabled: false}\n"}
    serves = [make_weir(settings=settings, **plain) for _ in range(2)]
    for serve in serves:
        serve.start("serve")
    workers = [Worker(make_weir, settings=settings, **plain) for _ in range(3)]
    wait_until(lambda: one("SELECT COUNT(*) FROM listing") == FEEDS * 5, "all feeds are stored")
    visitors = [Visitors(serve.url, pause_s=0.2) for serve in serves]
    turn = 0

    def ticks():
        return one("SELECT COUNT(task_id) FROM schedule_slot WHERE schedule LIKE 'feed.pull %'")

    def has_been_refused():
        return any("has passed to another worker" in worker.weir.log_text() for worker in workers)

    # Whether a worker is frozen while it writes is chance: harm goes on until one was, within bounds.
    while ticks() < TICKS or (not has_been_refused() and ticks() < 4 * TICKS):
        harm(workers[turn % 3], turn)
        turn += 1
        time.sleep(0.3)
    one("WITH paused AS (UPDATE schedule SET paused = 1 RETURNING 1) SELECT COUNT(*) FROM paused")
    wait_until(lambda: one("SELECT COUNT(*) FROM task WHERE state IN (0, 1)") == 0, "nothing is under way", 30)
    for some in visitors:
        some.stop()
        assert some.failures == []
    for serve in serves:
        serve.wait_shipped()

    # No tick is lost: the task of each is done.
    assert one("SELECT COUNT(*) FROM schedule_slot s WHERE task_id IS NOT NULL AND NOT EXISTS "
               "(SELECT 1 FROM task t WHERE t.id = s.task_id AND t.state = 2)") == 0
    # None has its effect twice: each source was pulled to the end as often as it has ticked, whoever died or froze.
    pulled = "SELECT source, COUNT(*) FROM feed_pull WHERE status = 'done' GROUP BY source ORDER BY source"
    ticked = "SELECT key, COUNT(*) FROM task WHERE kind = 'feed.pull' GROUP BY key ORDER BY key"
    assert postgres_server.query(url, pulled) == postgres_server.query(url, ticked)
    assert one("SELECT COUNT(*) FROM feed_pull WHERE status = 'done'") >= TICKS
    # And they did die and freeze: tasks were taken over, pulls were broken off, and those who thawed were refused.
    assert one("SELECT COUNT(*) FROM task WHERE attempts > 1") > 0
    assert one("SELECT COUNT(*) FROM feed_pull WHERE message LIKE 'broken off: %'") > 0
    assert has_been_refused()
    # What the tiers share is whole.
    assert one("SELECT COUNT(*) FROM listing_seen WHERE gone_at_us IS NULL") == FEEDS * 5
    assert one("SELECT COUNT(*) FROM click") == sum(some.clicks for some in visitors) > 0
    assert one("SELECT COUNT(*) FROM search") == sum(some.searches for some in visitors)
    for worker in workers:
        assert worker.process.poll() is None


SEARCHED = 'weir_http_requests_total{route="/v1/search",status="200"}'


def start_nginx(folder, listen, ports):
    """The configuration that we ship, in front of two request tiers."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for shipped, ours in [("listen 80;", f"listen 127.0.0.1:{listen};"), ("127.0.0.1:8080 ", f"127.0.0.1:{ports[0]} "),
                          ("127.0.0.1:8081 ", f"127.0.0.1:{ports[1]} "), ("/run/nginx.pid", f"{folder}/pid"),
                          ("worker_processes auto;", "worker_processes 1;")]:
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, ours)
    (folder / "nginx.conf").write_text(text)
    return subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log", "-g", "daemon off;"])


@pytest.fixture
def balanced(make_weir, postgres_server, tmp_path):
    """Two request tiers behind nginx: their deployments, the address of both, and how many clicks they have stored."""
    listen, database = free_port(), postgres_server.make_database()
    url = f"http://127.0.0.1:{listen}"
    first = make_weir(database=database, public_url=url)
    first.start("sandbox", ready=False)
    second = make_weir(database=database, public_url=url,
                       sandbox=f"sandbox: {{enabled: true, url: {first.sandbox_url}}}\n")
    for serve in (first, second):
        serve.start("serve")
    nginx = start_nginx(tmp_path, listen, (first.port, second.port))
    wait_until(lambda: answers(f"{url}/"), "nginx answers")
    yield (first, second), url, lambda: int(postgres_server.query(database, "SELECT COUNT(*) FROM click")[0][0])
    nginx.terminate()
    nginx.wait(10)


def answers(url):
    try:
        return ask(url).status == 200
    except OSError:
        return False


def test_request_tiers_are_restarted_in_turn_without_a_failed_request(balanced):
    serves, url, clicks_stored = balanced
    visitors = [Visitors(url) for _ in range(6)]
    for serve in serves * 2:
        asked = sum(some.searches for some in visitors)
        serve.stop()
        wait_until(lambda: sum(some.searches for some in visitors) > asked + 20, "the other one answers")
        serve.start("serve")
        wait_until(lambda: metric(serve.url, SEARCHED), "it answers again")
    for some in visitors:
        some.stop()
        assert some.failures == [] and some.clicks > 0
    for serve in serves:
        serve.wait_shipped()
    assert clicks_stored() == sum(some.clicks for some in visitors)


def test_no_two_processes_on_one_database_share_a_number_in_their_ids(make_weir, own_postgres):
    url = own_postgres.make_database()
    kept = "SELECT name FROM setting WHERE name LIKE 'node/%'"
    serve = make_weir(database=url)
    serve.start("serve")
    workers = [Worker(make_weir, database=url, sandbox="sandbox: {enabled: false}\n") for _ in range(3)]
    assert len(own_postgres.query(url, kept)) == 4
    number = (serve.data / "node").read_text().split()[0]
    for worker in workers:
        worker.weir.stop(worker.process)
    serve.stop()
    # Who works gives its number back; who must start without the database keeps it.
    assert own_postgres.query(url, kept) == [[f"node/{number}"]]
    own_postgres.stop()
    serve.start("serve")
    assert f'"node":{number}' in serve.log_text()
    own_postgres.start()
    wait_until(lambda: health(serve.url)["status"] == "ok", "the database is back")
    assert own_postgres.query(url, kept) == [[f"node/{number}"]]
