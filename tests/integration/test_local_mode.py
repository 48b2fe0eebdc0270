"""``python -m local``: the whole product as its own processes, in a fresh state directory on a free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from causeway.adapters.storage.doctor import examine
from causeway.adapters.storage.installation import Installation, read_installation
from causeway.adapters.storage.installed_backup import backup_installation, restore_installation
from causeway.errors import Conflict

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0


@dataclass
class Product:
    """A state directory, and the commands that work on it."""

    state_dir: Path

    @property
    def installation(self) -> Installation:
        return read_installation(self.state_dir)

    def start(self) -> subprocess.Popen[str]:
        output = (self.state_dir.parent / "up.out").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "local", "up"],
            cwd=ROOT,
            env=self.environment(),
            stdout=output,
            stderr=output,
            text=True,
        )
        output.close()
        self.wait_for(lambda: process.poll() is not None or "is ready" in self.output())
        assert "is ready" in self.output(), self.output()
        return process

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "local", command], cwd=ROOT, env=self.environment(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUSEWAY_")}
        return kept | {"CAUSEWAY_STATE_DIR": str(self.state_dir), "PORT": "0"}

    def output(self) -> str:
        return (self.state_dir.parent / "up.out").read_text()

    def processes(self) -> dict[str, int | None]:
        return {row["name"]: row["pid"] for row in json.loads((self.state_dir / "status.json").read_text())}

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.installation.url}/v1/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def wait_for(self, condition: Callable[[], bool], timeout_s: float = START_S) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One installation for the tests of this module, which run in the order of the file."""
    made = Product(tmp_path_factory.mktemp("local") / "state")
    made.state_dir.mkdir()
    yield made
    made.run("down")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _users(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM users").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.xdist_group("local mode")
def test_the_product_from_first_start_to_restore(product: Product, tmp_path: Path) -> None:
    """One story, because a start takes seconds: start, refuse a second, survive crashes, stop, start again, restore."""
    first = product.start()
    assert "significant links" in product.output()
    assert product.output().count("(shown only now)") == 1
    assert product.answers()
    assert set(product.processes()) == {"postgresql", "redis", "api", "gateway", "jobs", "ingest", "feed"}
    again = product.run("up")
    assert (again.returncode, again.stdout) == (0, f"already running at {product.installation.url}\n")

    _wait_for_healthy(product)
    _crash_and_recover(product, "api")
    _crash_and_recover(product, "redis")
    backup_installation(product.state_dir, tmp_path / "running.tar")
    with pytest.raises(Conflict, match="make down"):
        restore_installation(product.state_dir, tmp_path / "running.tar", overwrite=True)

    left = [pid for pid in product.processes().values() if pid]
    assert product.run("down").stdout == "stopped\n"
    assert first.wait(10) == 0
    assert [pid for pid in left if _alive(pid)] == []
    assert product.run("down").stdout == "not running\n"

    with pytest.raises(Conflict, match="--overwrite"):
        restore_installation(product.state_dir, tmp_path / "running.tar")
    restored = restore_installation(product.state_dir, tmp_path / "running.tar", overwrite=True)
    assert restored.blobs > 0
    _restore_elsewhere(tmp_path)

    began = time.monotonic()
    second = product.start()
    assert time.monotonic() - began < 10 * _slowness()
    assert "significant links" not in product.output()  # the analyses are not run again
    assert "(shown only now)" not in product.output()
    assert _users(product.installation.owner_database_url) == 1

    children = [pid for pid in product.processes().values() if pid]
    second.kill()  # not even the supervisor's sudden death leaves a process behind
    second.wait(10)
    product.wait_for(lambda: not any(_alive(pid) for pid in children), timeout_s=30)


def _restore_elsewhere(tmp_path: Path) -> None:
    """Into a directory that does not exist yet; its first start adds nothing to what was restored."""
    elsewhere = Product(tmp_path / "elsewhere" / "state")
    restore_installation(elsewhere.state_dir, tmp_path / "running.tar")
    with pytest.raises(Conflict, match="already has 1 users"):
        restore_installation(elsewhere.state_dir, tmp_path / "running.tar")
    process = elsewhere.start()
    try:
        assert "significant links" not in elsewhere.output()
        assert "(shown only now)" not in elsewhere.output()
        assert _users(elsewhere.installation.owner_database_url) == 1
    finally:
        elsewhere.run("down")
        process.wait(30)


def _wait_for_healthy(product: Product) -> None:
    """Every check of doctor passes, but for the web app, which this start does not build."""

    def wrong() -> list[str]:
        return [
            finding.message for finding in examine(product.state_dir) if not finding.ok and finding.check != "web app"
        ]

    product.wait_for(lambda: not wrong(), timeout_s=30)


def _crash_and_recover(product: Product, name: str) -> None:
    pid = product.processes()[name]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    product.wait_for(lambda: product.processes()[name] not in (None, pid), timeout_s=30)
    assert f"{name} ended (signal SIGKILL)" in product.output()
    product.wait_for(product.answers, timeout_s=30)


def _slowness() -> float:
    """How much more work than cores this machine has now: other tests run beside this one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
