"""A simulated vendor, as ``causeway simulate`` starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from tests.e2e.product import ROOT


@contextmanager
def simulated(vendor: str, *, symbols: str, settings: int) -> Iterator[Mapping[str, str]]:
    """The vendor on a free port, and so many settings that it prints for a server to find it; stopped by Ctrl-C."""
    words = [sys.executable, "-m", "causeway.cli.main", "simulate", vendor, "--symbols", symbols]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _printed(process.stdout, settings)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _printed(stdout: IO[str] | None, settings: int) -> dict[str, str]:
    assert stdout is not None
    lines = [stdout.readline().strip() for _ in range(settings)]
    assert all(line.startswith("export ") for line in lines), lines
    return dict(line.removeprefix("export ").split("=", 1) for line in lines)
