"""Runs queued jobs on this machine: claims one, runs its stages, and its shards in worker processes.

A runner beats while it works. When it dies, its workers see their standard input end and die too, and the next runner
claims the job after ``ttl_s``; shards that were finished are not computed again.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from causeway.adapters.storage.database import Row
from causeway.adapters.storage.job_runs import JobRuns, error_json
from causeway.errors import CausewayError, Unavailable
from causeway.model.job import JobState, Stage
from causeway.pipelines.analysis_job.failures import shards_failed

_log = logging.getLogger(__name__)
MAX_CLAIMS = 3  # a job whose runner died this often is not tried again
MAX_SHARD_ATTEMPTS = 3

RunStage = Callable[[UUID, Stage], bool]
"""Run one stage of a job; true when nothing is left to do, because the question was answered before."""


class _Stopped(Exception):  # noqa: N818 - a request that was granted, not an error
    """The job was cancelled, lost to another runner, or this runner shuts down."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a runner looks, in seconds."""

    idle_s: float = 0.25
    heartbeat_s: float = 0.5
    ttl_s: float = 10.0


class LocalRunner:
    """One job at a time, ``workers`` processes for its shards.

    ``worker_command`` starts a worker that claims shards of the job whose id is appended, until none is left.
    """

    def __init__(
        self,
        runs: JobRuns,
        run_stage: RunStage,
        worker_command: Sequence[str],
        *,
        workers: int,
        pace: Pace | None = None,
    ) -> None:
        self._runs = runs
        self._run_stage = run_stage
        self._worker_command = list(worker_command)
        self._workers = workers
        self._pace = pace or Pace()
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def run_forever(self, stop: threading.Event) -> None:
        """Run jobs until ``stop`` is set; a job in hand goes back to the queue."""
        while not stop.is_set():
            try:
                worked = self.run_one(stop)
            except Unavailable as error:
                _log.warning("the job runner waits: %s", error.message)
                worked = False
            if not worked:
                stop.wait(self._pace.idle_s)

    def run_one(self, stop: threading.Event) -> bool:
        """Claim a job and bring it to an end; False when none waits."""
        job = self._runs.claim(self.name, self._pace.ttl_s)
        if job is None:
            return False
        _Run(self._runs, self._run_stage, self._worker_command, self._workers, self._pace, self.name, job, stop).run()
        return True


class _Run:
    """One job in hand."""

    def __init__(
        self,
        runs: JobRuns,
        run_stage: RunStage,
        worker_command: Sequence[str],
        workers: int,
        pace: Pace,
        runner: str,
        job: Row,
        stop: threading.Event,
    ) -> None:
        self._runs, self._run_stage, self._pace, self._runner = runs, run_stage, pace, runner
        self._command = [*worker_command, str(job["id"])]
        self._workers = workers
        self._job_id: UUID = job["id"]
        self._attempt = int(job["attempt"])
        self._stop = stop
        self._ended, self._cancelled, self._lost = threading.Event(), threading.Event(), threading.Event()
        self._stage = Stage.VALIDATE
        self._reported: Row | None = None

    def run(self) -> None:
        beat = threading.Thread(target=self._beat, name="job heartbeat", daemon=True)
        beat.start()
        try:
            self._run_stages()
        except _Stopped:
            self._give_up()
        except CausewayError as error:
            _log.warning("job %s failed in %s: %s", self._job_id, self._stage, error.message)
            self._fail(error)
        except Exception:
            _log.exception("job %s failed in %s", self._job_id, self._stage)
            self._fail(CausewayError("something went wrong inside; the log of the job runner has the cause"))
        finally:
            self._ended.set()
            beat.join()

    def _run_stages(self) -> None:
        if self._attempt > MAX_CLAIMS:
            raise CausewayError(f"the job's runner died {MAX_CLAIMS} times; it is not tried again until you retry it")
        for stage in Stage:
            self._check()
            self._stage = stage
            if stage is Stage.SHARDS:
                self._run_shards()
            elif self._run_stage(self._job_id, stage):
                self._finish(JobState.SUCCEEDED, "answered before: an equal question on equal data")
                return
        self._finish(JobState.SUCCEEDED, "done")

    def _beat(self) -> None:
        while not self._ended.wait(self._pace.heartbeat_s):
            try:
                cancel = self._runs.heartbeat(self._job_id, self._runner)
            except Unavailable as error:
                _log.warning("a heartbeat was not stored: %s", error.message)
                continue
            if cancel is None:
                self._lost.set()
            elif cancel:
                self._cancelled.set()

    def _check(self) -> None:
        if self._cancelled.is_set() or self._lost.is_set() or self._stop.is_set():
            raise _Stopped

    def _run_shards(self) -> None:
        before = self._runs.count_shards(self._job_id)
        while before["queued"]:
            self._run_workers()
            self._runs.abandoned_shards(self._job_id, MAX_SHARD_ATTEMPTS)
            after = self._runs.count_shards(self._job_id)
            if after == before:
                raise CausewayError("the worker processes end before they take a shard; the job runner's log has why")
            before = after
        failed = self._runs.failed_shards(self._job_id)
        if failed:
            raise shards_failed(failed)

    def _run_workers(self) -> None:
        waiting = self._runs.count_shards(self._job_id)["queued"]
        started = [self._start_worker(number) for number in range(min(self._workers, waiting))]
        try:
            while any(worker.poll() is None for worker in started):
                self._check()
                self._report_shards()
                self._ended.wait(0.1)
            self._report_shards()
        finally:
            _end(started)

    def _start_worker(self, number: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "CAUSEWAY_WORKER_NUMBER": str(number)}
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, env=environment)

    def _report_shards(self) -> None:
        count = self._runs.count_shards(self._job_id)
        if count == self._reported:
            return
        self._reported = self._runs.report_shards(self._job_id)

    def _give_up(self) -> None:
        if self._lost.is_set():
            _log.warning("job %s was taken over by another runner", self._job_id)
        elif self._cancelled.is_set():
            self._finish(JobState.CANCELLED, f"cancelled during {self._stage.value}")
        else:
            self._runs.abandoned_shards(self._job_id, MAX_SHARD_ATTEMPTS)
            self._runs.give_back(self._job_id, self._runner)

    def _finish(self, state: JobState, message: str) -> None:
        self._runs.finish(self._job_id, state, message, runner=self._runner)

    def _fail(self, error: CausewayError) -> None:
        stored = error_json(error, self._stage)
        self._runs.finish(self._job_id, JobState.FAILED, error.message, error=stored, runner=self._runner)


def _end(workers: Sequence[subprocess.Popen[bytes]]) -> None:
    """Stop workers that still run: they hold nothing that another cannot compute again."""
    for worker in workers:
        if worker.poll() is None:
            worker.terminate()
    for worker in workers:
        try:
            worker.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        if worker.stdin is not None:
            worker.stdin.close()
