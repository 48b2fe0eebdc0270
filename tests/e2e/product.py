"""The running product, as ``make up`` starts it, with a state directory and a port of its own."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_READY = re.compile(r"Causeway is ready after [\d.]+ s: (\S+)")
_USER = re.compile(r"^\s+user\s+(\S+)")
_PASSWORD = re.compile(r"^\s+password\s+(\S+)")


@dataclass
class Product:
    url: str
    email: str
    password: str
    process: subprocess.Popen[str]
    _reader: threading.Thread

    def stop(self) -> int:
        """Ctrl-C, and wait for the end; the exit status."""
        with self.process:
            self.process.send_signal(signal.SIGINT)
            self._reader.join(60)
            return self.process.wait(5)


def start_product(state_dir: Path, *, within_s: float, settings: Mapping[str, str]) -> Product:
    """Start it with these environment variables, and wait until it says that it is ready.

    Raises:
        AssertionError: it ended, or took longer; the message holds what it printed.
    """
    own = {"PORT": "0", "CAUSEWAY_STATE_DIR": str(state_dir), "PYTHONUNBUFFERED": "1"}
    environment = os.environ | settings | own
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "up"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    url, email, password = _await_ready(process, lines, time.monotonic() + within_s)
    return Product(url, email, password, process, reader)


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)


def _await_ready(process: subprocess.Popen[str], lines: queue.Queue[str], deadline: float) -> tuple[str, str, str]:
    output: list[str] = []
    found = {"url": "", "email": "", "password": ""}
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            if process.poll() is not None:
                break
            continue
        output.append(line)
        for name, pattern in (("url", _READY), ("email", _USER), ("password", _PASSWORD)):
            match = pattern.search(line)
            if match:
                found[name] = match[1]
        if found["url"] and line.lstrip().startswith("stop "):
            return found["url"], found["email"], found["password"]
    process.kill()
    raise AssertionError("the product did not become ready:\n" + "".join(output))
