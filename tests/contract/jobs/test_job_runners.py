"""What holds for every way of running jobs: workers of one machine, and Step Functions (played by moto).

J01 submit to result    J02 progress is seen and does not go back    J03 cancel    J04 partial failure names the target
J05 retry computes what is missing    J06 a question that data cannot answer fails with its reason
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pytest

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.compute.local_runner import LocalRunner
from causeway.adapters.storage.file_storage import open_blobs
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.ports.jobs import JobRunner
from tests.fixtures.analysis import ended as job_ended
from tests.fixtures.analysis import environment, store_market, submit, wait_until, work_here
from tests.fixtures.databases import Databases
from tests.fixtures.state_machine import Account, open_account
from tests.unit.pipelines.questions import coupled_market, question

__all__ = ["open_account"]
pytestmark = [pytest.mark.postgres, pytest.mark.slow]
BROKEN = 2  # the number of the target that fails where a test asks for it


class Place(Protocol):
    """Somewhere that jobs run. ``break_target`` makes one target fail, ``mend`` ends that."""

    runner: JobRunner

    def break_target(self) -> None: ...

    def mend(self) -> None: ...


class OneMachine:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runner: JobRunner = LocalJobs()
        self._monkeypatch = monkeypatch

    def break_target(self) -> None:
        self._monkeypatch.setenv("CAUSEWAY_TEST_BROKEN_SHARD", str(BROKEN))

    def mend(self) -> None:
        self._monkeypatch.delenv("CAUSEWAY_TEST_BROKEN_SHARD")


class OnAws:
    def __init__(self, account: Account) -> None:
        self.runner: JobRunner = account.jobs
        self._containers = account.containers

    def break_target(self) -> None:
        self._containers.broken = lambda _, given: given.get("CAUSEWAY_SHARD_INDEX") == str(BROKEN)

    def mend(self) -> None:
        self._containers.broken = lambda _command, _given: False


@contextmanager
def one_machine(databases: Databases, blobs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OneMachine]:
    for name, value in environment(databases, blobs, CAUSEWAY_LOG_LEVEL="CRITICAL").items():
        monkeypatch.setenv(name, value)
    work = work_here(databases, open_blobs(f"file://{blobs}"))
    worker = [sys.executable, "-m", "tests.fixtures.failing_worker", "claim", "--watch-parent", "--job"]
    runner, stop = LocalRunner(work.runs, work.stage, worker, workers=2), threading.Event()
    thread = threading.Thread(target=runner.run_forever, args=[stop])
    thread.start()
    try:
        yield OneMachine(monkeypatch)
    finally:
        stop.set()
        thread.join()


@pytest.fixture(params=["one machine", "step functions"])
def place(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    if request.param == "one machine":
        with one_machine(databases, tmp_path, monkeypatch) as here:
            yield here
    else:
        with request.getfixturevalue("open_account")() as account:
            yield OnAws(account)


class Client:
    """A user with a stored market."""

    def __init__(self, databases: Databases, user: UUID) -> None:
        self.databases, self.user = databases, user
        self.store, self.runs = JobStore(databases.app), JobRuns(databases.service)
        self.histories = coupled_market()
        store_market(databases, self.histories)

    def ask(self, place: Place, **changes: Any) -> UUID:
        job = submit(self.databases, self.user, question(self.histories, **changes))
        place.runner.submit(job)
        return job

    def end(self, job: UUID) -> dict[str, Any]:
        return wait_until(self.runs, job, job_ended, timeout_s=120)


@pytest.fixture
def client(databases: Databases, user_factory: Callable[..., UUID]) -> Client:
    return Client(databases, user_factory("analyst"))


def test_j01_submit_to_result(place: Place, client: Client) -> None:
    job = client.ask(place)
    row = client.end(job)
    assert (row["state"], row["stage"], row["progress"]) == ("succeeded", "store", 1.0), row["error"]
    result = ResultStore(client.databases.app).of_job(client.user, job)
    assert (result["summary"]["targets_tested"], result["evaluation"]["tradable"]) == (4, True)


def test_j02_progress_is_seen_and_does_not_go_back(place: Place, client: Client) -> None:
    job = client.ask(place)
    seen = [0.0]
    while not job_ended(row := client.runs.read(job)):
        if row["progress"] != seen[-1]:
            seen.append(row["progress"])
        time.sleep(0.01)
    assert seen == sorted(seen)
    assert len(seen) >= 3


def test_j03_a_running_job_is_cancelled(place: Place, client: Client) -> None:
    job = client.ask(place, estimator="ksg", n_permutations=2000, max_lag=10)
    wait_until(client.runs, job, lambda _: client.runs.count_shards(job)["running"] > 0, timeout_s=60)
    client.store.cancel(client.user, job, actor="tester")
    place.runner.cancel(job)
    row = client.end(job)
    assert (row["state"], row["error"]) == ("cancelled", None)


def test_j04_j05_partial_failure_names_the_target_and_a_retry_computes_what_is_missing(
    place: Place, client: Client
) -> None:
    place.break_target()
    job = client.ask(place)
    row = client.end(job)
    assert (row["state"], row["error"]["code"]) == ("failed", "shards_failed")
    symbols = sorted(client.histories)
    assert symbols[BROKEN] in row["error"]["message"]
    assert symbols[0] not in row["error"]["message"]
    place.mend()
    client.store.retry(client.user, job, actor="tester")
    place.runner.submit(job)
    again = client.end(job)
    assert (again["state"], again["result_id"]) == ("succeeded", row["result_id"]), again["error"]


def test_j06_a_question_that_data_cannot_answer_fails_with_its_reason(place: Place, client: Client) -> None:
    row = client.end(client.ask(place, train_bars=80))
    assert (row["state"], row["error"]["code"], row["error"]["stage"]) == ("failed", "invalid_input", "validate")
    assert "are needed" in row["error"]["message"]
