"""Definitions of partners are read again while Weir runs: when a file changes, and by SIGHUP; broken ones are refused."""
import json
import signal

from weir import ask, wait_until

DEFINITION = """source: {name}
partner: Birchwood
feed:
  get: http://127.0.0.1:{port}/nowhere
  every: {every}
  answer: {{json: 'jobs[*]'}}
  listing: {{title: t, url: u}}
"""


def events(weir, name):
    lines = (json.loads(line) for line in weir.log_text().splitlines() if line.startswith("{"))
    return [line for line in lines if line.get("event") == name]


def names(weir):
    return {source["source"] for source in ask(f"{weir.url}/v1/sources").json()["sources"]}


def write(folder, name, port, every="6h"):
    (folder / f"{name}.yaml").write_text(DEFINITION.format(name=name, port=port, every=every))


def test_definitions_are_reloaded_and_broken_ones_refused(make_weir, tmp_path):
    folder = tmp_path / "definitions"
    folder.mkdir()
    weir = make_weir(settings=f"sources: {folder}\n", sandbox="\n")
    write(folder, "first", weir.sandbox_port)
    process = weir.start()
    assert names(weir) == {"first"}

    write(folder, "second", weir.sandbox_port)
    wait_until(lambda: names(weir) == {"first", "second"}, "the new definition is in use")
    wait_until(lambda: "feed.pull second" in weir.command("task", "schedule"), "its feed is scheduled")

    (folder / "second.yaml").write_text("source: second\nparner: Typo\n")
    refused = wait_until(lambda: events(weir, "definitions.refused"), "the broken file is refused")
    assert "second.yaml:2" in json.dumps(refused[0]) and "did you mean partner" in json.dumps(refused[0])
    assert names(weir) == {"first", "second"}
    assert 'weir_definition_loads_total{result="refused"} 1' in ask(f"{weir.url}/metrics").body.decode()

    (folder / "second.yaml").unlink()
    wait_until(lambda: names(weir) == {"first"}, "the definition that went is not in use")
    before = len(events(weir, "definitions.loaded"))
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(events(weir, "definitions.loaded")) == before + 1, "SIGHUP reads them again")
    assert process.poll() is None
