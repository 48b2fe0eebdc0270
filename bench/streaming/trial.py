"""One trial: start the processes, let the clients measure, read what each process cost."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.timing import Timing

_ROOT = Path(__file__).resolve().parents[2]
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
_START_S = 60.0
_MEGABYTE = 1e6


def ours(redis_url: str, clients: int, frame_hz: float, seconds: float) -> Timing:
    """Feed, Redis, server, clients. ``value``: what the clients measured; seconds are of the server."""
    with ExitStack() as stack:
        port = _free_port()
        server = stack.enter_context(_process("server", str(port), redis_url, str(frame_hz)))
        feed = stack.enter_context(_process("feed", redis_url))
        return _measured(port, clients, seconds, server, {"feed_cpu": feed})


def floor(clients: int, frame_hz: float, seconds: float) -> Timing:
    """The broadcast and clients."""
    with ExitStack() as stack:
        port = _free_port()
        server = stack.enter_context(_process("floor", str(port), str(frame_hz)))
        return _measured(port, clients, seconds, server, {})


def _measured(
    port: int, clients: int, seconds: float, server: subprocess.Popen[str], others: dict[str, subprocess.Popen[str]]
) -> Timing:
    _wait_for(port)
    with _process("clients", str(port), str(clients), str(seconds), output=True) as load:
        assert load.stdout is not None
        if load.stdout.readline().strip() != "measuring":
            raise RuntimeError("the clients did not get their quotes; their error stands above")
        began, cpu, memory = time.perf_counter(), _cpu_s(server.pid), _resident_bytes(server.pid)
        before = {name: _cpu_s(process.pid) for name, process in others.items()}
        numbers = json.loads(load.stdout.readline())
        passed = time.perf_counter() - began
    numbers |= {name: (_cpu_s(process.pid) - before[name]) / passed for name, process in others.items()}
    grown = (_resident_bytes(server.pid) - memory) / _MEGABYTE
    numbers |= {"server_cpu": (_cpu_s(server.pid) - cpu) / passed, "megabytes": memory / _MEGABYTE, "grown_mb": grown}
    return Timing(passed, _cpu_s(server.pid) - cpu, numbers)


@contextmanager
def _process(module: str, *arguments: str, output: bool = False) -> Iterator[subprocess.Popen[str]]:
    command: Sequence[str] = [sys.executable, "-m", f"bench.streaming.{module}", *arguments]
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE if output else None, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _resident_bytes(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
