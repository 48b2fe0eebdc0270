"""All targets of a panel, on several threads; the kernels release the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Lock

from causeway.analysis.information.inference.checkpoints import Checkpoint
from causeway.analysis.information.inference.network import (
    InferenceCancelled,
    Progress,
    ShouldStop,
    assemble_network,
    infer_target,
)
from causeway.analysis.information.inference.observations import observe
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import NetworkResult, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput

_ALMOST = 1 - 1e-9  # a sum of fractions that rounding made whole


def infer_panel(
    panel: Panel,
    settings: NetworkSettings,
    seed: int,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    *,
    workers: int = 1,
    device: str = "cpu",
    checkpoint: Checkpoint | None = None,
) -> NetworkResult:
    """Every series that is not conditioned on as a target, with what they share computed once.

    The result does not depend on ``workers``, the number of threads. ``progress`` and ``should_stop`` are called from
    these threads, one at a time. Errors and meanings as in ``infer_target``.
    """
    targets = [i for i, name in enumerate(panel.names) if name not in settings.condition_on]
    if len(targets) < 2:
        raise InvalidInput(
            f"condition_on leaves {len(targets)} of {panel.n_series} series; at least two are needed. Name fewer.",
            details={"field": "condition_on"},
        )
    if workers < 1:
        raise InvalidInput(f"workers must be at least 1; found {workers}.", details={"field": "workers"})
    shared = None if settings.compat else observe(panel, settings)
    whole = _Whole(len(targets), progress, should_stop)
    threads = max(1, workers // max(1, len(targets)))

    def one(slot: int) -> TargetResult:
        return infer_target(
            panel, targets[slot], settings, seed, whole.part(slot), whole.should_stop,
            checkpoint=checkpoint, device=device, n_threads=threads, observations=shared,
        )  # fmt: skip

    slots = range(len(targets))
    results = [one(slot) for slot in slots] if workers == 1 else _on_threads(whole, one, slots, workers)
    return assemble_network(results, panel.names, settings)


def default_workers(settings: NetworkSettings) -> int:
    """One thread where nulls are exact and the work is short, one per core where they are sampled."""
    return 1 if settings.has_exact_nulls else os.cpu_count() or 1


def _on_threads(whole: _Whole, one: Callable[[int], TargetResult], slots: range, workers: int) -> list[TargetResult]:
    """Results in order; the first error stops the others and is raised once they have stopped."""
    with ThreadPoolExecutor(workers, thread_name_prefix="target") as pool:
        futures = [pool.submit(whole.guarded, one, slot) for slot in slots]
        wait(futures)
    errors = [error for future in futures if (error := future.exception()) is not None]
    raise_first(errors)
    return [future.result() for future in futures]


def raise_first(errors: list[BaseException]) -> None:
    """Raise what went wrong, rather than that the others were stopped because of it."""
    for error in sorted(errors, key=lambda error: isinstance(error, InferenceCancelled)):
        raise error


class _Whole:
    """Progress and cancellation of all targets together, whichever thread runs them."""

    def __init__(self, n_targets: int, progress: Progress | None, should_stop: ShouldStop | None) -> None:
        self._done = [0.0] * n_targets
        self._sum, self._left = 0.0, n_targets
        self._progress = progress
        self._should_stop = should_stop
        self._stopped = False
        self._told = -1.0
        self._lock = Lock()

    def part(self, slot: int) -> Progress | None:
        """The progress of one target, if anyone listens."""
        if self._progress is None:
            return None
        heard = self._progress

        def tell(fraction: float) -> None:
            with self._lock:
                self._sum += fraction - self._done[slot]
                self._done[slot] = fraction
                reached = 1.0 if self._finished(fraction) else min(self._sum / len(self._done), _ALMOST)
                if reached > self._told:
                    self._told = reached
                    heard(reached)

        return tell

    def _finished(self, fraction: float) -> bool:
        self._left -= fraction >= 1.0
        return self._left == 0

    def should_stop(self) -> bool:
        """Whether any thread was told to stop, or failed."""
        if self._should_stop is None:
            return self._stopped
        with self._lock:
            self._stopped = self._stopped or self._should_stop()
            return self._stopped

    def guarded(self, one: Callable[[int], TargetResult], slot: int) -> TargetResult:
        """One target; if it fails, the others are stopped."""
        try:
            return one(slot)
        except BaseException:
            with self._lock:
                self._stopped = True
            raise
