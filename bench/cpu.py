"""CPU time of what is measured."""
import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    """Seconds, user and system, of a process with its threads, and of its children."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split() for each in [pid, *children]]
    return sum(int(field[11]) + int(field[12]) for field in fields) / TICKS


def thread_cpu_s(pid, name):
    """Seconds of those of its threads that have the name."""
    ticks = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS
