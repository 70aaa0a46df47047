"""The memory of importing a feed is that of its largest listing, not of the feed. WEIR_FULL=1 measures twenty thousand
listings beside four hundred thousand."""
import json
import os
import pathlib
import subprocess
import tempfile
import time

from made_feed import write_feed
from replay import Partners
from weir import BINARY, Weir

SMALL = 20_000 if os.environ.get("WEIR_FULL") else 2_500
LARGE = 20 * SMALL
LIMIT_MB = 64


def runs_weir(process):
    """Whether the process is weir: not yet, before it has become that; no more, once it has ended."""
    try:
        return os.readlink(f"/proc/{process.pid}/exe") == str(BINARY.resolve())
    except FileNotFoundError:
        return False


def peak_of(weir, command, *words):
    """Peak resident memory in MB of one command, its seconds, and what it printed. The kernel keeps the high-water mark; it is
    read until the process has none any more."""
    started = time.monotonic()
    printed = tempfile.TemporaryFile("w+")
    process = subprocess.Popen([BINARY, command, "--config", weir.config, *words], stdout=printed, stderr=subprocess.PIPE,
                               text=True)
    weir.processes.append(process)
    status, peak_kb = pathlib.Path(f"/proc/{process.pid}/status"), 0
    while process.poll() is None:
        marks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if marks and runs_weir(process):
            peak_kb = max(peak_kb, int(marks[0].split()[1]))
        time.sleep(0.01)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    printed.seek(0)
    return peak_kb / 1024, time.monotonic() - started, printed.read()


def import_feed(folder, listings):
    folder.mkdir()
    partners = Partners(folder)
    weir = None
    try:
        partners.use("indeed-feed", "", path="/jobs.xml")
        write_feed(folder / "jobs.xml.gz", listings)
        partners.serve("/jobs.xml", "application/gzip", folder / "jobs.xml.gz")
        weir = Weir(folder, settings=f"allow_private_hosts: true\nsources: {partners.definitions}\n")
        peak, seconds, printed = peak_of(weir, "feed", "pull", "indeed-feed", "--json")
    finally:
        partners.close()
        if weir is not None:
            weir.close()
    summary = json.loads(printed)
    assert (summary["new"], summary["rejected"], summary["records"]) == (listings, 0, listings)
    size_mb = (folder / "jobs.xml.gz").stat().st_size / 1e6
    print(f"{listings:>9,} listings, {size_mb:6.1f} MB of gzip: peak {peak:5.1f} MB, {seconds:5.1f} s")
    return peak


def test_peak_memory_of_an_import_does_not_grow_with_the_feed(tmp_path, capsys):
    with capsys.disabled():
        print()
        small = import_feed(tmp_path / "small", SMALL)
        large = import_feed(tmp_path / "large", LARGE)
    assert small > 1, "nothing was measured"
    assert large < LIMIT_MB
    assert large <= 1.25 * small
