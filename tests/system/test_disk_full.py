"""A disk that is full: clicks lead to the partner, and what is lost is told."""
import errno
import subprocess

import pytest

from weir import ask, metric, wait_until

MEGABYTE = 1024 * 1024


@pytest.fixture(params=["sqlite", "postgres"])
def weir(request, make_weir):
    """Its data folder is on a small disk of its own, and so is SQLite's database, but not PostgreSQL's."""
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    deployment = make_weir(database=database)
    deployment.data.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", deployment.data], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no disk may be mounted here: {mounted.stderr.decode().strip()}")
    deployment.start()
    yield deployment
    deployment.close()
    subprocess.run(["umount", deployment.data], check=True)


def fill(disk):
    with open(disk / "ballast", "wb", buffering=0) as ballast:
        for size in (MEGABYTE, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC


def states(weir):
    return {result: metric(weir.url, f'weir_clicks_total{{result="{result}"}}') or 0
            for result in ("counted", "flagged", "lost", "refused", "expired", "outdated", "broken")}


def lost_alerts(weir, state):
    return [alert for alert in ask(f"{weir.url}/v1/alerts?state={state}").json()["alerts"] if alert["kind"] == "clicks_lost"]


def test_clicks_lead_to_the_partner_on_a_full_disk_and_what_is_lost_is_told_until_there_is_room(weir):
    listings = weir.search(q="engineer", mode="widest")["listings"]
    assert ask(listings[0]["url"]).status == 302
    weir.wait_shipped()
    fill(weir.data)
    clicks = 0
    while states(weir)["lost"] == 0:  # the spool's log has some room left of its own
        redirect = ask(listings[1 + clicks % 9]["url"])
        assert redirect.status == 302 and redirect.headers["Location"].startswith(weir.sandbox_url)
        clicks += 1
    assert sum(states(weir).values()) == 1 + clicks
    assert metric(weir.url, "weir_spool_writable") == 0
    assert metric(weir.url, 'weir_spool_lost_events_total{kind="click"}') == 1
    assert "spool.failing" in weir.log_text()
    if weir.database:
        [alert] = wait_until(lambda: lost_alerts(weir, "live"), "an alert stands")
        assert "Make room on that disk; 1 were lost" in alert["message"]
    (weir.data / "ballast").unlink()
    wait_until(lambda: metric(weir.url, "weir_spool_writable") == 1, "clicks are written")
    if weir.database:
        wait_until(lambda: not lost_alerts(weir, "live"), "the alert is resolved")
        assert len(lost_alerts(weir, "all")) == 1
    before = states(weir)["counted"]
    assert ask(listings[10]["url"]).status == 302
    assert states(weir)["counted"] == before + 1
