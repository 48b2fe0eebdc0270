"""Child processes kept alive: a crash is logged, shown, and mended with back-off; stopping leaves no orphan.

One thread only: the kernel is asked to signal children when this process dies (see ``end_with_parent``), which is
safe between fork and exec only without other threads.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from causeway.errors import Unavailable
from local.servers import end_with_parent
from local.state import State, write_private

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 30.0
_STEADY_AFTER_S = 60.0
_TICK_S = 0.2

Process = subprocess.Popen[bytes]


@dataclass
class Child:
    """A process by name, how it is started, and the signal that ends it in good order."""

    name: str
    start: Callable[[], Process]
    log: Path
    stop_signal: int = signal.SIGTERM
    process: Process | None = None
    started_at: float = 0.0
    failures: int = 0
    retry_at: float = 0.0
    restarts: int = 0


@dataclass
class Supervisor:
    """Starts children in order, restarts those that end, stops them in reverse order."""

    state: State
    say: Callable[[str], None]
    now: Callable[[], float] = time.monotonic
    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> None:
        """Start ``child`` and look after it from now on.

        Raises:
            Unavailable: it could not be started.
        """
        child.process = child.start()
        child.started_at = self.now()
        self.children.append(child)
        self._record()

    def tick(self) -> None:
        """Look at every child once: note what ended, start again what is due."""
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._note_end(child, child.process.returncode)
            if child.process is None and self.now() >= child.retry_at:
                self._start_again(child)

    def run(self) -> None:
        """Look after the children until an exception (a signal) ends it."""
        while True:
            self.tick()
            time.sleep(_TICK_S)

    def stop(self, timeout_s: float = 10.0) -> None:
        """End every child: programs first, all at once, then the servers that they use, in reverse order."""
        programs = [child for child in self.children if child.stop_signal == signal.SIGTERM and child.name != "redis"]
        servers = [child for child in self.children if child not in programs]
        _end(programs, timeout_s)
        for server in reversed(servers):
            _end([server], 2 * timeout_s)
        self.children.clear()
        self._record()

    def _note_end(self, child: Child, status: int) -> None:
        steady = self.now() - child.started_at > _STEADY_AFTER_S
        child.failures = 1 if steady else child.failures + 1
        delay_s = min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** (child.failures - 1))
        child.process, child.retry_at = None, self.now() + delay_s
        self.say(f"{child.name} ended ({_in_words(status)}), starts again in {delay_s:.1f} s; see {child.log}")
        self._record()

    def _start_again(self, child: Child) -> None:
        try:
            child.process = child.start()
        except (Unavailable, OSError) as error:
            child.failures += 1
            child.retry_at = self.now() + min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** (child.failures - 1))
            self.say(f"{child.name} could not be started: {error}")
            return
        child.started_at = self.now()
        child.restarts += 1
        self.say(f"{child.name} runs again")
        self._record()

    def _record(self) -> None:
        rows = [
            {"name": child.name, "pid": child.process.pid if child.process else None, "restarts": child.restarts}
            for child in self.children
        ]
        write_private(self.state.directory / "status.json", json.dumps(rows).encode())


def start_program(arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path) -> Process:
    """Start one of our programs in a session of its own, so that Ctrl-C reaches the supervisor alone."""
    with log.open("ab") as output:
        return subprocess.Popen(
            arguments, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one thread
        )  # fmt: skip


def _end(children: Sequence[Child], timeout_s: float) -> None:
    running = [(child, child.process) for child in children if child.process is not None]
    for child, process in running:
        if process.poll() is None:
            process.send_signal(child.stop_signal)
    deadline = time.monotonic() + timeout_s
    for _, process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _in_words(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    return f"signal {signal.Signals(-status).name}"
