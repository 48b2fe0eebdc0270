"""The container's entry point as a process: it replays, serves, and leaves the clock free when it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from causeway.adapters.storage.quote_store import QuoteStore
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import LOOPBACK, Keys

PROJECT = Path(__file__).parents[3]
pytestmark = [pytest.mark.postgres, pytest.mark.redis]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_it_replays_serves_and_lets_go(databases: Databases, redis_url: str, small_market: dict[str, int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{PROJECT / 'layers/core/python'}{os.pathsep}{PROJECT}",
        "CAUSEWAY_DATABASE_URL": databases.service_url,
        "CAUSEWAY_REDIS_URL": redis_url,
        "CAUSEWAY_JWT_PUBLIC_KEY": Keys.generate().public,
        "CAUSEWAY_PUBLIC_ORIGIN": LOOPBACK,
        "CAUSEWAY_STREAM_PORT": str(port),
        "CAUSEWAY_REPLAY_DATE": "2012-03-01",
    }
    store = QuoteStore(databases.service)
    process = subprocess.Popen([sys.executable, "-m", "containers.stream.main"], env=env, cwd=PROJECT)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (store.latest() and _answers(port)):
            time.sleep(0.1)
        assert _answers(port)
        assert [quote.symbol for quote in store.latest()] == ["AAA", "BBB"]
        assert store.clock().replay["holder"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.wait()
    clock = store.clock()
    assert (clock.mode, "holder" in clock.replay) == ("replay", False)
