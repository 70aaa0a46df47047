"""A wall clock that the test moves, for every process that is started with its environment (libfaketime)."""
import os
import pathlib
import time
from datetime import datetime, timezone

LIBRARY = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


class SimulatedClock:
    """Runs as fast as the real one, from the moment it was last set to. Waiting is real: the monotonic clock is."""

    def __init__(self, folder, moment):
        self.file, self.ahead_s = pathlib.Path(folder) / "clock", 0
        self.set(moment)
        self.environment = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    def set(self, moment):
        """moment: with its zone. It should not be earlier than now()."""
        self.ahead_s = round(moment.timestamp() - time.time())
        replacement = self.file.with_suffix(".new")
        replacement.write_text(f"{self.ahead_s:+d}\n")
        os.replace(replacement, self.file)

    def seconds(self):
        return time.time() + self.ahead_s

    def now(self):
        return datetime.fromtimestamp(self.seconds(), timezone.utc)
