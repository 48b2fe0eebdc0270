"""CPU seconds of a benchmark with a database: ours and the server's."""

from __future__ import annotations

import os
from pathlib import Path

from bench.clock import SystemClock


class ServerClock(SystemClock):
    """CPU seconds of this process, of the server and of every backend, those that have ended included."""

    def __init__(self, postmaster: int) -> None:
        self._postmaster = postmaster

    def cpu(self) -> float:
        return super().cpu() + _tree_ticks(self._postmaster) / os.sysconf("SC_CLK_TCK")


def _tree_ticks(pid: int) -> int:
    """Clock ticks of a process with the children that it waited for, and of its living children."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended just now
            continue
        if entry.name == str(pid):
            total += sum(map(int, fields[11:15]))
        elif fields[1] == str(pid):
            total += sum(map(int, fields[11:13]))
    return total
