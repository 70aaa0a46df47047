"""Background work, looked at and steered from outside: by the command and over HTTP."""
import datetime
import sqlite3

import loopback
import pytest
from weir import ask, wait_until

BUSY = """source: busy
partner: Busy
feed:
  get: URL/feed
  every: 1d
  answer: {json: "items[*]"}
  listing: {id: id, title: title, url: url}
reports:
  lines:
    get: URL/report
    every: 1d
    mode: mutable
    answer: {json: "rows[*]"}
    line: {key: id, amount: amount, currency: = USD, status: = approved, event_at: at | time}
"""
BUSY_TOTALS = """source: busy-totals
partner: Busy
totals:
  get: URL/totals
  every: 1d
  answer: {json: "days[*]"}
  total: {day: date | time, amount: earnings, currency: = USD}
reports:
  lines:
    upload: true
    mode: mutable
    answer: {json: "rows[*]"}
    line: {key: id, amount: amount, currency: = USD, status: = approved, event_at: at | time}
"""


def schedules(weir):
    return {row["schedule"]: row for row in weir.json("task", "schedule")[0]["schedules"]}


def tasks(weir, *flags):
    return weir.json("task", "list", *flags)[0]["tasks"]


def test_schedules_and_their_tasks_are_seen_alike_by_command_and_over_http(weir):
    wait_until(lambda: tasks(weir, "--state", "done"), "some task is done")
    told = schedules(weir)
    assert {"revenue.rematch all", "retention all", "revenue.pull alder/default"} <= set(told)
    assert told["revenue.rematch all"]["every_ms"] == 60000
    assert told["retention all"]["next"] > told["retention all"]["last"]

    answer = ask(f"{weir.url}/v1/tasks?state=done&limit=1000").json()
    assert {row["schedule"] for row in answer["schedules"]} == set(told)
    assert answer["counts"]["done"] >= len(answer["tasks"]) > 0
    assert {task["state"] for task in answer["tasks"]} == {"done"}
    assert {task["task_id"] for task in tasks(weir)} >= {task["task_id"] for task in answer["tasks"]}
    assert "retention all" in weir.command("task", "schedule")
    assert answer["tasks"][0]["task_id"] in weir.command("task", "list", "--state", "done")


def test_a_paused_schedule_stays_paused_over_a_restart_and_goes_on_when_resumed(weir):
    weir.command("task", "pause", "retention", "all")
    weir.stop()
    weir.start()
    assert schedules(weir)["retention all"]["paused"]
    assert "paused" in weir.command("task", "schedule")
    weir.command("task", "resume", "retention all")
    assert not schedules(weir)["retention all"]["paused"]


def test_only_a_dead_task_is_tried_again(weir):
    done = wait_until(lambda: tasks(weir, "--state", "done"), "some task is done")
    weir.command("task", "retry", done[0]["task_id"], code=1)


def test_a_dead_task_that_is_tried_again_is_done_by_the_workers(make_weir):
    weir = make_weir()
    weir.start()
    task = wait_until(lambda: tasks(weir, "--state", "done"), "some task is done")[0]
    weir.stop()
    with sqlite3.connect(weir.data / "weir.db") as db:
        db.execute("UPDATE task SET state = 3, message = 'gave up' WHERE kind = ? AND key = ? AND state = 2",
                   (task["kind"], task["key"]))
    weir.start("serve")
    failing = ask(f"{weir.url}/v1/tasks?failing=true&kind={task['kind']}").json()["tasks"]
    assert (task["kind"], task["key"], "gave up") in {(row["kind"], row["key"], row["message"]) for row in failing}
    assert all(row["message"] for row in failing)
    assert ask(f"{weir.url}/v1/tasks?failing=true&kind=none").json()["tasks"] == []
    weir.stop()
    dead = tasks(weir, "--state", "dead")
    assert "gave up" in weir.command("task", "list", "--state", "dead")
    weir.command("task", "retry", dead[0]["task_id"])
    weir.start()
    wait_until(lambda: dead[0]["task_id"] in [row["task_id"] for row in tasks(weir, "--state", "done")], "the task is done")


class Busy(loopback.Handler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.answer(429, {"Retry-After": "3600"})


@pytest.fixture
def busy_partner():
    with loopback.serving(Busy) as server:
        server.asked = []
        yield server


def test_a_partner_that_says_when_to_ask_again_is_not_asked_before(make_weir, busy_partner, tmp_path):
    (tmp_path / "busy").mkdir()
    for name, definition in {"busy": BUSY, "busy-totals": BUSY_TOTALS}.items():
        (tmp_path / "busy" / f"{name}.yaml").write_text(definition.replace("URL", busy_partner.url))
    weir = make_weir(settings=f"sources: {tmp_path / 'busy'}\nallow_private_hosts: true\n", sandbox="\n")
    weir.start()

    def waiting():
        return [task for task in tasks(weir, "--failing") if task["kind"] in ("feed.pull", "revenue.pull", "reconcile")]

    for task in wait_until(lambda: len(waiting()) == 3 and waiting(), "all have failed once"):
        due = datetime.datetime.fromisoformat(task["run_at"].replace("Z", "+00:00"))
        assert (task["state"], task["attempts"]) == ("ready", 1)
        assert due - datetime.datetime.now(datetime.timezone.utc) > datetime.timedelta(minutes=50)
    # Feed and report are asked for by one account: the answer to either is meant for both, if it came before the other began.
    asked = sorted(path.split("?")[0] for path in busy_partner.asked)
    assert asked in (["/feed", "/totals"], ["/report", "/totals"], ["/feed", "/report", "/totals"])


def test_what_is_wrong_is_refused_by_name(make_weir):
    weir = make_weir()
    weir.start()
    weir.command("task", "list", "--state", "deceased", code=2)
    weir.command("task", "retry", "not-an-id", code=2)
    weir.command("task", "retry", code=2)
    weir.command("task", "list", "everything", code=2)
    weir.command("task", "pause", "no.such", "schedule", code=1)
    hasty = make_weir(settings="retention: {events: 10d}\n")
    hasty.command("check", code=1)
    for query, field in [("state=deceased", "state"), ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"),
                         ("failing=maybe", "failing")]:
        answer = ask(f"{weir.url}/v1/tasks?{query}")
        assert answer.status == 400 and answer.json()["errors"][0]["field"] == field
