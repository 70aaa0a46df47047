"""The papers say what is true: tables come from the program, examples load, links lead somewhere, names exist."""
import json
import os
import re
import subprocess

import pytest

from weir import BINARY, ROOT

PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("src/*/README.md")])


def run(*words, **kwargs):
    return subprocess.run([BINARY, *words], capture_output=True, timeout=60, **kwargs)


COMMANDS = re.findall(r"^  (\w+) ", run("--help").stdout.decode(), re.M) if BINARY.exists() else []


def test_tables_of_keys_metrics_and_networks_are_what_the_program_says():
    done = subprocess.run([ROOT / "scripts/make-docs", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_network_says_where_its_documentation_is_and_what_it_was_tried_on(tmp_path):
    told = run("source", "networks", "--json", "--sources", ROOT / "sources", "--data", tmp_path)
    networks = {network["network"]: network for network in json.loads(told.stdout)["networks"]}
    assert set(networks) == {path.stem for path in ROOT.glob("sources/*.yaml")}
    for name, network in networks.items():
        assert network.get("status") in ("documented", "recorded", "needs-account"), f"sources/{name}.yaml: status"
        assert network.get("docs", "").startswith("https://"), f"sources/{name}.yaml: docs"
        assert network["offers"], f"sources/{name}.yaml offers nothing"


@pytest.mark.parametrize("cache, told", [("30s", "kept for 30 s"), ("90s", "kept for 90 s"), ("15m", "kept for 15 min"),
                                         ("6h", "kept for 6 h")])
def test_all_terms_of_a_network_are_told(tmp_path, cache, told):
    consumers = [f"consumer{i}" for i in range(20)]
    (tmp_path / "x.yaml").write_text(
        f"source: x\npartner: X\nterms: {{cache: {cache}, not_to: [{', '.join(consumers)}]}}\nsearch:\n"
        "  get: https://x.example/\n  answer: {json: '[*]'}\n  listing: {title: t, url: u}\n")
    done = run("source", "networks", "--json", "--sources", tmp_path, "--data", tmp_path / "data")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["networks"][0]["terms"] == [told, *[f"not to {consumer}" for consumer in consumers]]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(paper):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", paper.read_text()):
        assert (paper.parent / target).exists(), f"{paper.name}: {target}"


def test_files_and_functions_named_in_the_architecture_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    code = "\n".join(path.read_text() for path in ROOT.glob("src/*/*.[ch]"))
    named = re.findall(r"`([a-z_0-9]+)\(\)`", text)
    assert len(named) > 10
    for function in named:
        assert re.search(rf"\b{function}\(", code), f"{function}() is nowhere in src/"
    for path in re.findall(r"`([a-z_0-9-]+/[a-z_/0-9.-]+\.[a-z]+)`", text):
        assert (ROOT / path).exists() or (ROOT / "src" / path).exists(), f"there is no {path}"


@pytest.mark.parametrize("paper", ["README.md", "docs/configuration.md"])
def test_example_configurations_load(paper, tmp_path):
    examples = re.findall(r"```yaml\n(listen:.*?)```", (ROOT / paper).read_text(), re.S)
    assert examples
    for example in examples:
        file = tmp_path / "weir.yaml"
        file.write_text(example)
        done = run("check", "--config", file, "--data", tmp_path / "data")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", sorted(ROOT.glob("deploy/compose/*.yaml")), ids=lambda path: path.name)
def test_configurations_of_the_containers_load(file, tmp_path):
    done = run("check", "--config", file, "--data", tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_utf8_in_every_locale_and_names_the_command(command):
    done = run(command, "--help", env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 0
    assert f"weir {command} [OPTION…]" in done.stdout.decode("utf-8")


def test_the_overview_names_the_commands():
    assert len(COMMANDS) >= 12 and {"run", "serve", "work", "trace", "audit"} <= set(COMMANDS)


@pytest.mark.parametrize("command", ["audit", "migrate", "check", "config", "run"])
def test_an_argument_that_means_nothing_is_wrong_usage(command, tmp_path):
    done = run(command, "extra", "--data", tmp_path)
    assert done.returncode == 2
    assert b'"extra" means nothing here' in done.stderr
