"""Live quotes to many clients: 500 symbols, 5,000 quotes a second, on the cores that also make the load."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from bench.goals import at_most
from bench.line import Line, Measured
from bench.registry import Benchmark, Case, Run
from bench.streaming import trial
from bench.timing import Timing
from local.servers import start_redis

NAME = "stream"
_ALLOWED_MS = 100.0
_GOALS = (at_most("p95_of_allowed", 1.0),)
_MEMORY_S = 600.0


def _cases() -> Iterator[Case]:
    yield Case("100 clients at 20 Hz", partial(_load, clients=100, frame_hz=20.0))
    yield Case("1000 clients at 5 Hz", partial(_load, clients=1000, frame_hz=5.0))
    yield Case("100 clients at 20 Hz, memory", _memory)


def _load(run: Run, *, clients: int, frame_hz: float) -> Line:
    rounds, seconds = (1, 10.0) if run.quick else (3, 20.0)
    with _redis() as url:
        ours: Callable[[], Timing] = partial(trial.ours, url, clients, frame_hz, seconds)
        floor: Callable[[], Timing] = partial(trial.floor, clients, frame_hz, seconds)
        turns = [(ours(), floor()) for _ in range(rounds)]
    mine, theirs = (_middle([pair[side] for pair in turns]) for side in (0, 1))
    allowed = max(_ALLOWED_MS, 2.0 * theirs.value["p95_ms"])
    measured: Measured = {
        **mine.value,
        **{f"peer_{name}": value for name, value in theirs.value.items()},
        "p95_of_allowed": mine.value["p95_ms"] / allowed,
    }
    note = (
        f"{rounds} turns of {seconds:g} s; milliseconds from the provider's quote to the client, conflation included; "
        "CPU is the server's alone, feed_cpu and clients_cpu in cores beside it; the database never answers"
    )
    case = f"{clients} clients at {frame_hz:g} Hz"
    return Line(NAME, case, mine, "bare websockets broadcast", theirs, _GOALS, measured, note)


def _memory(run: Run) -> Line:
    seconds = 60.0 if run.quick else _MEMORY_S
    with _redis() as url:
        timing = trial.ours(url, 100, 20.0, seconds)
    note = f"{seconds:g} s; growth of the server's resident size while it is measured"
    return Line(NAME, "100 clients at 20 Hz, memory", timing, goals=(at_most("grown_mb", 5.0),),
                measured=dict(timing.value), note=note)  # fmt: skip


def _middle(timings: list[Timing]) -> Timing:
    values = {name: median(timing.value[name] for timing in timings) for name in timings[0].value}
    return Timing(median(t.wall_s for t in timings), median(t.cpu_s for t in timings), values)


class _redis:  # noqa: N801 - used as a context manager
    """A Redis of its own."""

    def __enter__(self) -> str:
        self._directory = tempfile.TemporaryDirectory()
        self._server = start_redis(Path(self._directory.name), ends_with_parent=True)
        return self._server.url

    def __exit__(self, *_: object) -> None:
        self._server.stop(stop_signal=15)
        self._directory.cleanup()


BENCHMARK = Benchmark(
    NAME, "5,000 quotes a second to 100 clients at 20 Hz and 1,000 at 5 Hz: p95 100 ms, or 2x a bare broadcast", _cases
)
