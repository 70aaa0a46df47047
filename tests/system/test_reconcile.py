"""Our numbers against the partners': they agree; a planted discrepancy, and only that, is told once; agreement ends it."""
import base64
import json
import socketserver
import threading
from datetime import datetime, timedelta, timezone

import loopback
import pytest
from simulated_clock import LIBRARY as CLOCK
from simulated_clock import SimulatedClock
from test_loop import NETWORKS, WORDS, click_some, pull_all
from weir import ROOT, ask, wait_until


@pytest.fixture
def hook():
    """A web server that keeps what is posted to it; refuses the first attempt, as busy ones do."""
    class Handler(loopback.Handler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.attempts += 1
            status = 503 if server.attempts == 1 else 200
            if status == 200:
                server.notices.append(json.loads(body))
            self.answer(status)

    with loopback.serving(Handler) as server:
        server.notices, server.attempts = [], 0
        yield server


@pytest.fixture
def mailbox():
    """A mail server that takes everything and keeps it."""
    class Handler(socketserver.StreamRequestHandler):
        def say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

        def read_data(self):
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line.decode())
            return "".join(lines)

        def handle(self):
            to = []
            self.say("220 mailbox")
            while line := self.rfile.readline().decode().strip():
                word = line.upper()
                if word.startswith("RCPT TO"):
                    to.append(line.split("<")[1].split(">")[0])
                if word == "DATA":
                    self.say("354 go on")
                    server.mails.append((to, self.read_data()))
                if word == "QUIT":
                    self.say("221 bye")
                    return
                self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    server.mails = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["sqlite", "postgres"])
def weir(request, make_weir, hook, mailbox):
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    deployment = make_weir(database=database, settings=(
        f"alerts:\n  webhook: http://127.0.0.1:{hook.server_address[1]}/alerts\n"
        f"  smtp: smtp://127.0.0.1:{mailbox.server_address[1]}\n"
        "  mail_from: weir@example.com\n  mail_to: ann@example.com, bob@example.com\n"))
    deployment.start()
    return deployment


def reconcile(weir, code):
    return json.loads(weir.command("reconcile", "--all-days", "--json", code=code))


def alerts(weir, state="live"):
    return ask(f"{weir.url}/v1/alerts?state={state}").json()["alerts"]


def is_there(url):
    try:
        return ask(url).status
    except OSError:
        return False


def test_a_planted_discrepancy_and_only_that_is_told_once_and_ends_by_itself(weir, hook, mailbox):
    click_some(weir, weir.search(q=WORDS, mode="widest", per_page=60), 30)
    weir.wait_shipped()
    weir.control("advance?seconds=86400")
    pull_all(weir)

    found = reconcile(weir, 0)
    assert {row["source"] for row in found["rows"]} == set(NETWORKS)
    assert {row["state"] for row in found["rows"]} == {"agrees"}
    assert {row["drift"]["amount"] for row in found["rows"]} == {"0.00"}
    assert any(row["theirs"]["amount"] != "0.00" for row in found["rows"])
    assert alerts(weir, "all") == []

    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    weir.control(f"discrepancy/fir?micros=5000000&day={day}")
    found = reconcile(weir, 1)
    assert [(row["source"], row["day"], row["drift"]) for row in found["rows"] if row["state"] == "drifts"] == [
        ("fir", day, {"amount": "-5.00", "currency": "GBP"})]
    assert found["drifting"] == 1
    [alert] = alerts(weir)
    assert (alert["key"], alert["state"], alert["source"], alert["day"]) == (
        f"reconcile/fir/{day}/GBP", "open", "fir", day)
    reconcile(weir, 1)
    assert [again["alert_id"] for again in alerts(weir)] == [alert["alert_id"]]
    wait_until(lambda: hook.notices and len(mailbox.mails) == 1, "the opening is told", 60)

    weir.command("alert", "acknowledge", alert["alert_id"])
    assert alerts(weir)[0]["state"] == "acknowledged"
    weir.command("alert", "acknowledge", alert["alert_id"], code=1)
    assert acknowledge(weir, alert["alert_id"]).status == 409

    weir.control(f"discrepancy/fir?micros=0&day={day}")
    assert reconcile(weir, 0)["drifting"] == 0
    assert alerts(weir) == []
    assert [again["state"] for again in alerts(weir, "all")] == ["resolved"]
    wait_until(lambda: len(hook.notices) == 2 and len(mailbox.mails) == 2, "the resolution is told", 60)
    reconcile(weir, 0)

    assert [(notice["event"], notice["alert_id"]) for notice in hook.notices] == [
        ("opened", alert["alert_id"]), ("resolved", alert["alert_id"])]
    assert hook.notices[0]["details"]["drift"] == {"amount": "-5.00", "currency": "GBP"}
    assert hook.attempts == 3, "the opening was refused once and came again"
    assert mailbox.mails[0][0] == ["ann@example.com", "bob@example.com"]
    text = base64.b64decode(mailbox.mails[0][1].split("\r\n\r\n", 1)[1]).decode()
    assert "fir says it owes" in text and day in text
    assert weir.log_text().count('"alert.opened"') == 1
    assert weir.log_text().count('"alert.resolved"') == 1


def test_days_that_are_not_final_alarm_nobody(weir):
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    weir.control(f"discrepancy/alder?micros=9000000&day={day}")
    found = json.loads(weir.command("reconcile", "--source", "alder", "--json"))
    assert [row["state"] for row in found["rows"] if row["day"] == day] == ["immature"]
    assert alerts(weir, "all") == []
    rows = ask(f"{weir.url}/v1/reconciliation").json()["rows"]
    assert [row["drift"]["amount"] for row in rows if row["source"] == "alder" and row["day"] == day] == ["-9.00"]
    assert ask(f"{weir.url}/v1/alerts?state=odd").status == 400


def test_a_partner_that_does_not_answer_is_not_taken_to_owe_nothing(weir):
    weir.control("faults/elm?fault=500")
    found = reconcile(weir, 1)
    assert (found["failed"], found["drifting"]) == (1, 0)
    assert {row["source"] for row in found["rows"]} == set(NETWORKS) - {"elm"}
    assert alerts(weir, "all") == []
    weir.control("faults/elm?fault=none")
    assert reconcile(weir, 0)["failed"] == 0


def acknowledge(weir, alert_id, **headers):
    return ask(f"{weir.url}/v1/alerts/{alert_id}/acknowledge", method="POST",
               headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_an_alert_is_acknowledged_over_http_but_not_by_pages_of_other_sites(weir):
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    weir.control(f"discrepancy/alder?micros=9000000&day={day}")
    reconcile(weir, 1)
    [alert] = alerts(weir)

    for foreign in [{"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "null"},
                    {"Origin": "https://evil.example"}, {"Origin": f"http://127.0.0.1:{weir.port + 1}"},
                    {"Origin": weir.url, "Sec_Fetch_Site": "cross-site"}]:
        answer = acknowledge(weir, alert["alert_id"], **foreign)
        assert (answer.status, answer.json()["title"]) == (403, "Forbidden")
    assert alerts(weir)[0]["state"] == "open"
    assert ask(f"{weir.url}/v1/alerts/{alert['alert_id']}/acknowledge").status == 405

    answer = acknowledge(weir, alert["alert_id"], Origin=weir.url)
    assert answer.status == 200
    assert answer.json() == {**alert, "state": "acknowledged"} == alerts(weir)[0]
    again = acknowledge(weir, alert["alert_id"], Sec_Fetch_Site="same-origin")
    assert (again.status, again.json()["detail"]) == (409, "this alert is acknowledged already")
    assert acknowledge(weir, "0SAVTHZQR0006").status == 404
    assert acknowledge(weir, "nonsense").status == 404
    assert f'"alert":"{alert["alert_id"]}"' in weir.log_text()


def test_each_source_says_by_which_rule_it_is_compared(weir):
    rules = {rule["source"]: rule for rule in ask(f"{weir.url}/v1/reconciliation").json()["sources"]}
    assert set(rules) == set(NETWORKS)
    assert rules["fir"] == {"source": "fir", "zone": "UTC", "maturity_ms": 3600000, "every_ms": 300000,
                            "tolerance": {"amount": "0.01", "percent": "0.10"}}


@pytest.mark.skipif(CLOCK is None, reason="libfaketime is not installed")
def test_after_an_outage_reports_come_in_before_anybody_is_alarmed(make_weir, tmp_path):
    """Six days, while everything looks back for three; the partners have gone on."""
    clock = SimulatedClock(tmp_path, datetime(2026, 3, 24, 10, tzinfo=timezone.utc))
    weir = make_weir(lag="10m", environment=clock.environment)
    weir.start()
    click_some(weir, weir.search(q=WORDS, mode="widest", per_page=60), 30)
    weir.wait_shipped()
    reconcile(weir, 0)
    weir.command("revenue", "pull")
    weir.stop()

    clock.set(clock.now() + timedelta(days=6))
    weir.start("sandbox", ready=False)
    weir.start("serve")  # and nobody who works: the order of things is ours
    wait_until(lambda: is_there(weir.sandbox_url), "the partners are back")
    found = json.loads(weir.command("reconcile", "--json"))
    owed = [row for row in found["rows"] if row["theirs"]["amount"] != "0.00"]
    assert {(row["day"], row["state"]) for row in owed} == {("2026-03-24", "agrees")} and len(owed) >= 3
    assert {row["drift"]["amount"] for row in found["rows"]} == {"0.00"}
    assert alerts(weir, "all") == []


def test_what_cannot_be_compared_is_said(weir):
    weir.command("reconcile", "--source", "nobody", code=1)
    weir.command("reconcile", "--source", "remotive", "--sources", str(ROOT / "sources"), code=1)
    weir.command("alert", "acknowledge", "nonsense", code=2)
    assert weir.command("alert", "list") == "nothing to look at\n"
