"""What a person reads at a terminal: tables, what to do next, and nothing that partners sent can move the cursor."""
import sqlite3
import subprocess

import pytest
from duck import LIBRARY
from weir import BINARY, ROOT, Weir, ask, wait_until

HOSTILE = "\x1b[2J\x1b]0;mine\x07\u202ereversed\r\nsecond line"


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A deployment that ran and was stopped, with one dead task that has a hostile message, and a hostile alert."""
    weir = Weir(tmp_path_factory.mktemp("still"))
    weir.start()
    wait_until(lambda: weir.json("task", "list", "--state", "done")[0]["tasks"], "some task is done")
    weir.stop()
    with sqlite3.connect(weir.data / "weir.db") as db:
        db.execute("DELETE FROM task")
        db.execute("INSERT INTO task (id, kind, key, payload, state, attempts, run_at_us, fence, lease_until_us, schedule, "
                   "created_at_us, finished_at_us, message) VALUES (900000000000000001, 'feed.pull', 'elm', '', 3, 5, 0, 1, 0, "
                   "'feed.pull elm', 0, 1790000000000000, ?)", (HOSTILE,))
        db.execute("INSERT INTO alert (id, key, kind, source, day, message, details, state, opened_at_us, last_seen_at_us) "
                   "VALUES (900000000000000002, 'k', 'reconcile', 'elm', '2026-09-21', ?, '{}', 'open', 1790000000000000, "
                   "1790000060000000)", (HOSTILE,))
    yield weir
    weir.close()


def fails(weir, *words, code=1):
    done = subprocess.run([BINARY, words[0], "--config", weir.config, *words[1:]], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    return done.stderr


def assert_tame(text):
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "\x1b" not in text and "\u202e" not in text and "reversed" in text


def test_tasks_are_a_table_and_a_hostile_message_stays_in_its_line(still):
    text = still.command("task", "list", "--failing")
    head, row, counts = text.splitlines()
    assert head.split() == ["TASK", "STATE", "TRY", "SINCE", "OR", "DUE", "WHAT", "MESSAGE"]
    assert row.split()[1:6] == ["dead", "5", "2026-09-21T14:13:20Z", "feed.pull", "elm"]
    assert head.index("MESSAGE") == row.index("\ufffd[2J")
    assert "second line" in row
    assert counts == "0 ready, 0 running, 0 done, 1 dead (weir task retry ID gives a dead one another chance)"
    assert_tame(text)


@pytest.mark.skipif(not LIBRARY.exists(), reason="DuckDB is not installed in web/node_modules")
def test_the_answer_of_a_query_is_a_table_and_a_hostile_text_stays_in_its_line(still):
    text = still.command("query", f"SELECT '{HOSTILE}\u009b2J' AS text, '銀行' AS wide, 7 AS number" + "".join(f", {i} AS c{i}" for i in range(20)))
    head, row, count = text.splitlines()
    assert head.split()[:4] == ["text", "wide", "number", "c0"]
    assert "second line" in row and "\u009b" not in row
    assert row.endswith("19") and count == "(1 row)"
    assert_tame(text)
    assert still.command("query", ";") == "(0 rows)\n"


def test_a_task_list_is_narrowed_by_kind_state_and_number(still):
    assert still.json("task", "list", "--kind", "feed.pull")[0]["tasks"][0]["message"] == HOSTILE
    for flags in (["--kind", "reconcile"], ["--state", "done"]):
        assert still.command("task", "list", *flags).startswith("no such tasks\n")
    for limit in ("0", "1001", "-1"):
        assert f"--limit {limit} is not a number from 1 to 1000" in fails(still, "task", "list", "--limit", limit, code=2)


def test_what_was_done_is_said_and_what_could_not_be_says_where_to_look(still):
    name = "feed.pull elm"
    assert still.command("task", "pause", name) == "feed.pull elm is paused; weir task resume goes on with it\n"
    [line] = [line for line in still.command("task", "schedule").splitlines() if line.startswith("feed.pull elm ")]
    assert "every 15m" in line and "paused" in line
    assert still.command("task", "resume", name) == "feed.pull elm ticks again\n"
    assert "see weir task schedule" in fails(still, "task", "pause", "no such")
    assert "see weir task list --state dead" in fails(still, "task", "retry", "0SAVTHZQR0006")
    assert "see weir alert list" in fails(still, "alert", "acknowledge", "0SAVTHZQR0006")
    assert "see weir source list" in fails(still, "reconcile", "--source", "nobody")
    assert "see weir --help" in fails(still, "frobnicate", code=2)


def test_alerts_are_a_table_until_they_are_acknowledged(still):
    text = still.command("alert", "list")
    head, row = text.splitlines()
    assert head.split()[:4] == ["ALERT", "STATE", "OPENED", "SEEN"]
    alert_id, state, opened, seen = row.split()[:4]
    assert (state, opened, seen) == ("open", "2026-09-21T14:13:20Z", "2026-09-21T14:14:20Z")
    assert_tame(text)
    assert still.command("alert", "acknowledge", alert_id).startswith(f"{alert_id} is acknowledged")
    assert "this alert is acknowledged already" in fails(still, "alert", "acknowledge", alert_id)
    assert still.json("alert", "list")[0]["state"] == "acknowledged"


def test_a_time_without_anything_says_so(still):
    text = still.command("revenue", "report", "--since", "2020-01-01", "--until", "2020-01-02")
    assert text == "nothing happened in this time; --since and --until choose another\n"


def test_sources_are_told_alike_by_command_and_over_http(make_weir):
    weir = make_weir(settings=f"sources: {ROOT}/sources\n")
    weir.start("serve")
    told = ask(f"{weir.url}/v1/sources").json()
    for row in told["sources"]:
        row.pop("health", None)  # of the process that searches
    assert weir.json("source", "list") == [told]
    names = [line.split()[0] for line in weir.command("source", "list").splitlines()]
    assert names[0] == "SOURCE" and names[1:] == [row["source"] for row in weir.json("source", "list")[0]["sources"]]


def test_a_table_of_comparisons_keeps_its_columns_and_leaves_out_who_did_not_answer(make_weir):
    weir = make_weir()
    weir.start()
    weir.control("faults/elm?fault=500&for_s=600")
    done = subprocess.run([BINARY, "reconcile", "--config", weir.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "weir: elm: " in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["SOURCE", "DAY", "OURS", "THEIRS", "DIFFERENCE", "IN", "STATE"]
    assert {line.split()[0] for line in lines[1:]} == {"alder", "birch", "cedar", "dogwood", "fir", "ginkgo"}
    assert len({line.index(line.split()[5]) for line in lines[1:]}) == 1


def test_the_configuration_adds_instances_of_definitions(make_weir):
    weir = make_weir(settings=f"sources: {ROOT}/sources\ninstances: {{lever: {{acme: {{site: acme}}}}}}\n")
    listed = weir.command("source", "list")
    assert "lever-acme" in listed and "lever-spotify" in listed
    wrong = make_weir(settings=f"sources: {ROOT}/sources\ninstances: {{levr: {{acme: {{site: acme}}}}}}\n")
    assert "weir.yaml:" in (told := fails(wrong, "check")) and "there is no definition" in told and "levr.yaml" in told
