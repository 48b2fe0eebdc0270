"""Runs queued fetches: claims one, brings its symbols up to date a few at a time, and can be killed anywhere.

A runner beats while it works. When it dies, the next one claims the fetch after ``ttl_s`` and goes on from the last
page that was stored. One symbol's failure is kept with the symbol; the others go on. A symbol that providers throttle
for longer than a request waits is deferred: once nothing else is left, the fetch rests until they allow more.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from causeway.errors import CausewayError, Unavailable
from causeway.market_data.fetch_turn import Turn, TurnOver
from causeway.market_data.judged_blocks import BLOCK_BARS
from causeway.model.fetch import FetchSpec
from causeway.model.time import now_utc
from causeway.ports.feed import FetchCancelled, FetchControl, HistoricalFeed
from containers.ingest.alerts import FetchAlerts, Tell, nobody
from containers.ingest.progress import RunProgress
from containers.ingest.symbol_fetch import Checkpoint, Deferred, Halted, Job, SymbolFetch, nothing
from containers.ingest.tables import Fetch, Runs

_log = logging.getLogger(__name__)
_LONGEST_WAIT_S = 36 * 3600.0  # a plan's day, and some hours; whoever asks for more patience is given up
MAX_CLAIMS = 5  # a fetch whose runner died this often without getting further is not tried again
OpenFeed = Callable[[FetchSpec], HistoricalFeed]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a runner looks, in seconds. ``grace_s``: how long it waits for requests that it has no more use for."""

    idle_s: float = 0.5
    heartbeat_s: float = 0.5
    ttl_s: float = 15.0
    grace_s: float = 2.0


class IngestRunner:
    """One fetch at a time, ``symbols_at_once`` of its symbols."""

    def __init__(
        self,
        runs: Runs,
        open_feed: OpenFeed,
        *,
        symbols_at_once: int,
        pace: Pace | None = None,
        checkpoint: Checkpoint = nothing,
        block_bars: int = BLOCK_BARS,
        tell: Tell = nobody,
        quarantine_share: float = 1.0,
    ) -> None:
        self._block_bars = block_bars
        self._runs = runs
        self._open_feed = open_feed
        self._symbols_at_once = symbols_at_once
        self._tell, self._quarantine_share = tell, quarantine_share
        self._pace = pace or Pace()
        self._checkpoint = checkpoint

    def run_forever(self, stop: threading.Event) -> None:
        """Run fetches until ``stop`` is set; the one in hand goes back to the queue."""
        while not stop.is_set():
            try:
                worked = self.run_one(stop)
            except Unavailable as error:
                _log.warning("the runner of fetches waits: %s", error.message)
                worked = False
            if not worked:
                stop.wait(self._pace.idle_s)

    def run_one(self, stop: threading.Event, fetch_id: UUID | None = None) -> bool:
        """Claim a fetch and bring it to an end; False when none waits.

        Raises:
            Unavailable: the database was lost; the fetch goes on when it is claimed again.
        """
        runner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        claimed = self._runs.claim(runner, self._pace.ttl_s, fetch_id)
        if claimed is None:
            return False
        self._checkpoint("claimed")
        how = _How(self._open_feed, self._symbols_at_once, self._pace, self._checkpoint, self._block_bars)
        alerts = FetchAlerts(claimed, self._tell, self._quarantine_share)
        _Run(self._runs, claimed, runner, how, alerts).run(stop)
        return True


@dataclass(frozen=True, slots=True)
class _How:
    """How every fetch of a runner is run."""

    open_feed: OpenFeed
    symbols_at_once: int
    pace: Pace
    checkpoint: Checkpoint
    block_bars: int


@dataclass(frozen=True, slots=True)
class _Feeds:
    """Who is asked, and whom the answers are held against."""

    asked: HistoricalFeed
    checks: Mapping[str, HistoricalFeed]


class _Run:
    """One fetch in hand."""

    def __init__(self, runs: Runs, fetch: Fetch, runner: str, how: _How, alerts: FetchAlerts) -> None:
        self._runs, self._how, self._pace, self._alerts = runs, how, how.pace, alerts
        self._job = Job(
            fetch["id"],
            fetch["user_id"],
            runner,
            FetchSpec.from_json(fetch["spec"]),
            fetch["name"],
            bool(fetch["schedule"]),
        )
        self._attempt = int(fetch["attempt"])
        self._halt, self._lost = threading.Event(), threading.Event()
        self._cancelled = False
        self._broken: Exception | None = None
        self._deferred: list[tuple[datetime, str]] = []
        self._progress = RunProgress((0.0, 0))

    def run(self, stop: threading.Event) -> None:
        try:
            feeds = self._opened()
        except CausewayError as error:
            self._finish("failed", error.message)
            return
        totals = self._runs.totals(self._job.id)
        self._progress = RunProgress((totals["ended"] / max(totals["total"], 1), totals["rows"]))
        waiting = totals["total"] - totals["ended"]
        workers = [
            threading.Thread(target=self._work, args=(feeds,), name=f"fetch {number}", daemon=True)
            for number in range(min(self._how.symbols_at_once, waiting))
        ]
        for worker in workers:
            worker.start()
        self._watch(workers, stop)
        self._end(stop)

    def _opened(self) -> _Feeds:
        if self._attempt > MAX_CLAIMS:
            raise CausewayError(f"the fetch's runner died {MAX_CLAIMS} times without getting further; retry it")
        spec, open_feed = self._job.spec, self._how.open_feed
        checks = {name: open_feed(replace(spec, providers=(name,))) for name in spec.check_against}
        return _Feeds(open_feed(spec), checks)

    def _watch(self, workers: list[threading.Thread], stop: threading.Event) -> None:
        """Beat until every worker is done, or there is no more use for them."""
        while any(worker.is_alive() for worker in workers):
            self._beat()
            if self._cancelled or self._lost.is_set() or self._broken or stop.is_set():
                self._halt.set()
                break
            for worker in workers:
                worker.join(self._pace.heartbeat_s / len(workers))
        deadline = time.monotonic() + self._pace.grace_s
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))

    def _work(self, feeds: _Feeds) -> None:
        progress = self._progress
        control = FetchControl(
            should_stop=self._halt.is_set, say=progress.say, waits=progress.waits, failed=self._alerts.failed
        )
        fetch = SymbolFetch(
            self._runs,
            self._job,
            feeds.asked,
            control,
            self._how.checkpoint,
            progress.tell,
            may_defer=self._may_defer,
            checks=feeds.checks,
            block_bars=self._how.block_bars,
        )
        try:
            while not self._halt.is_set() and (turn := self._runs.next_symbol(self._job.id)) is not None:
                self._take(fetch, turn)
        except FetchCancelled:
            return
        except (TurnOver, Halted):
            self._lost.set()
        except Exception as error:
            self._broken = error

    def _take(self, fetch: SymbolFetch, turn: Turn) -> None:
        """One symbol's turn; where providers allow no more for now it stays taken, and is given back at the end."""
        try:
            fetch.run(turn)
        except Deferred as deferred:
            self._deferred.append((now_utc() + timedelta(seconds=deferred.wait_s), deferred.error.message))

    def _may_defer(self, wait_s: float) -> bool:
        return wait_s <= _LONGEST_WAIT_S and self._attempt < MAX_CLAIMS

    def _beat(self) -> None:
        totals = self._runs.totals(self._job.id)
        beat = self._progress.beat(totals["ended"], totals["total"], totals["rows"])
        cancel = self._runs.heartbeat(
            self._job.id,
            self._job.runner,
            progress=beat.progress,
            rows_per_s=beat.rows_per_s,
            eta_s=beat.eta_s,
            message=beat.message,
        )
        if cancel is None:
            self._lost.set()
        self._cancelled = bool(cancel)
        self._alerts.send()

    def _end(self, stop: threading.Event) -> None:
        job, totals = self._job, self._runs.totals(self._job.id)
        if self._lost.is_set():
            _log.warning("fetch %s was taken over by another runner, or has ended", job.id)
        elif self._cancelled:
            self._runs.finish(job.id, job.runner, "cancelled", f"cancelled after {_symbols(totals['ended'], totals)}")
        elif self._broken is not None:
            self._give_up(self._broken)
        elif totals["ended"] < totals["total"] and stop.is_set():
            self._runs.give_back(job.id, job.runner)
        elif self._deferred:
            self._rest()
        else:
            self._finish(*_verdict(totals))

    def _finish(self, state: Literal["succeeded", "partly", "failed"], message: str) -> None:
        """End the fetch, then tell what is missing; nothing where it had ended before."""
        job = self._job
        if self._runs.finish(job.id, job.runner, state, message):
            totals, behind = self._runs.totals(job.id), self._runs.behind(job.id)
            self._alerts.ended(failed=state != "succeeded", reason=message, totals=totals, behind=behind)

    def _rest(self) -> None:
        """Let the fetch wait until the first of what was deferred may be asked for."""
        until, why = min(self._deferred)
        if not self._runs.wait(self._job.id, self._job.runner, until, why):
            self._runs.finish(self._job.id, self._job.runner, "cancelled", "cancelled before it waited")

    def _give_up(self, error: Exception) -> None:
        """The database was lost, or our code is wrong: the fetch is claimed again when the lease has run out."""
        if isinstance(error, Unavailable):
            raise error
        _log.error("fetch %s stopped", self._job.id, exc_info=error)
        self._finish("failed", "something went wrong inside; the log of the runner has the cause")


def _verdict(totals: Fetch) -> tuple[Literal["succeeded", "partly", "failed"], str]:
    """State and message of a fetch whose symbols have all ended."""
    total, lacking = totals["total"], totals["failed"]
    if lacking:
        reason = f": {totals['a_reason']}" if lacking == 1 else ""
        return "failed" if lacking == total else "partly", f"{_symbols(lacking, totals)} failed{reason}"
    if totals["unchanged"] == total:
        return "succeeded", f"nothing new: {_count(total, 'symbol')} already stored{_proposed(totals)}"
    return "succeeded", f"{_count(total, 'symbol')}, {_count(totals['stored'], 'bar')} stored{_proposed(totals)}"


def _proposed(totals: Fetch) -> str:
    return f", {_count(totals['repairs'], 'repair')} proposed" if totals["repairs"] else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _symbols(count: int, totals: Fetch) -> str:
    return f"{count} of {_count(totals['total'], 'symbol')}"
