"""The memory of an export is that of a batch, not of what there is to export. WEIR_FULL=1 measures a batch of every table beside
twenty of them."""
import contextlib
import json
import os
import sqlite3

import pytest

from duck import LIBRARY
from test_memory import peak_of
from weir import Weir

FULL = bool(os.environ.get("WEIR_FULL"))
SEARCHES = 50_000 if FULL else 2_000
SHOWN, LISTING = 10, '{"source": "acme", "listing_id": "A' + "7" * 20 + '", "title": "Cook at the station of a town", "bid": {"amount": "0.25", "currency": "USD"}}'
YEAR_2025_ID = (1735689600 - 1577836800) * 1000 << 22
LIMIT_MB = 128

pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="DuckDB is not installed in web/node_modules")


def fill(weir, searches):
    """Searches that showed listings, each with two clicks."""
    shown = "[" + ", ".join([LISTING] * SHOWN) + "]"
    numbers = f"WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {searches})"
    twice = f"{numbers}, twice (n) AS (SELECT n * 2 FROM number UNION ALL SELECT n * 2 + 1 FROM number)"
    with contextlib.closing(sqlite3.connect(weir.data / "weir.db")) as database, database:
        database.execute("DROP TRIGGER search_marks_rollup")
        database.execute("DROP TRIGGER click_marks_rollup")
        database.execute("INSERT INTO search (id, at_us, keywords, took_us, partial, shown_count, shown) "
                         f"{numbers} SELECT {YEAR_2025_ID} + n, 1735689600000000 + n, 'cook ' || n, 1200, 0, {SHOWN}, '{shown}' FROM number")
        database.execute("INSERT INTO click (id, at_us, search_id, position, source, bid_micros, bid_currency, flags) "
                         f"{twice} SELECT {YEAR_2025_ID} + n, 1735689600000000 + n, {YEAR_2025_ID} + n / 2, 1, 'acme', 250000, 'USD', 0 FROM twice")


def export(folder, searches):
    folder.mkdir()
    weir = Weir(folder)
    try:
        weir.command("migrate")
        fill(weir, searches)
        peak, seconds, printed = peak_of(weir, "export", "--json")
        rows = weir.json("query", "SELECT (SELECT COUNT(*) FROM searches) + (SELECT COUNT(*) FROM impressions) + "
                                  "(SELECT COUNT(*) FROM clicks) AS n")[0]["n"]
    finally:
        weir.close()
    summary = json.loads(printed)
    assert summary["rows"] == rows == searches * (1 + SHOWN + 2)
    print(f"{rows:>10,} rows in {len(summary['files'])} files: peak {peak:5.1f} MB, {seconds:5.1f} s")
    return peak


def test_peak_memory_of_an_export_does_not_grow_with_what_there_is_to_export(tmp_path, capsys):
    with capsys.disabled():
        print()
        small = export(tmp_path / "small", SEARCHES)
        large = export(tmp_path / "large", 20 * SEARCHES)
    assert small > 1, "nothing was measured"
    assert large < LIMIT_MB
    # The small one of a quick run does not fill a batch of searches or clicks.
    assert large <= (1.25 if FULL else 1.5) * small
