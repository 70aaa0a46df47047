"""Asked to stop, every process ends in its time, whatever its partners do."""
import signal

import pytest

from weir import ask, wait_until


@pytest.mark.parametrize("fault", ["hang", "endless", "drip"])
def test_work_ends_in_time_while_partners_hold_its_calls(make_weir, fault):
    weir = make_weir()
    weir.start("sandbox", ready=False)

    def sandbox_answers():
        try:
            return ask(f"{weir.sandbox_url}/control/books").status == 200
        except OSError:
            return False

    wait_until(sandbox_answers, "the sandbox answers")
    weir.control(f"faults/all?fault={fault}&for_s=600")
    work = weir.start("work", ready=False)
    wait_until(lambda: "weir.started" in weir.log_text().split("weir.started", 1)[-1], "the workers started")
    wait_until(lambda: weir.command("task", "list", "--state", "running", "--json").strip(), "a pull is under way")
    work.send_signal(signal.SIGTERM)
    assert work.wait(10) == 0


def test_run_ends_in_time_during_searches_of_a_hanging_partner(make_weir):
    weir = make_weir()
    process = weir.start()
    weir.control("faults/all?fault=hang&for_s=600")
    weir.search(q="nurse", mode="widest", timeout_ms=200)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_a_tier_that_drains_still_answers_but_is_no_more_ready(make_weir):
    weir = make_weir(settings="drain: 3s\n")
    process = weir.start("serve")
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: ask(f"{weir.url}/readyz").status == 503, "/readyz says that it stops")
    weir.search(q="nurse", timeout_ms=200)
    assert ask(f"{weir.url}/livez").status == 200
    assert process.wait(20) == 0
