"""Jobs on one machine: a real runner process, real worker processes, a real PostgreSQL."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.model.inference import Estimator
from tests.fixtures.analysis import ended, environment, runner_process, store_market, submit, wait_until
from tests.fixtures.databases import Databases
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
SLOW: dict[str, Any] = {
    "estimator": Estimator.KSG,
    "n_permutations": 1000,
    "max_lag": 10,
}  # minutes of work: time to interfere


def blobs_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_job_runs_to_its_result_and_an_equal_one_is_answered_at_once(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    histories, user, runs = coupled_market(), user_factory("analyst"), JobRuns(databases.service)
    store_market(databases, histories)
    first = submit(databases, user, question(histories))
    with runner_process(environment(databases, tmp_path)):
        done = wait_until(runs, first, ended)
        assert (done["state"], done["progress"], done["stage"]) == ("succeeded", 1.0, "store"), done["error"]
        again = submit(databases, user_factory("analyst"), question(histories))
        repeated = wait_until(runs, again, ended)
    assert repeated["result_id"] == done["result_id"]
    assert repeated["message"].startswith("answered before")
    results = ResultStore(databases.app)
    stored = results.of_job(user, first)
    assert stored["evaluation"]["verdict"] in {"distinguishable", "not_distinguishable"}
    assert [link["q"] < 0.05 for link in results.links(user, done["result_id"])].count(True) >= 1
    with psycopg.connect(databases.owner_url) as connection:
        answers = connection.execute("SELECT count(*) FROM analysis_results").fetchone()
        audited = connection.execute(
            "SELECT array_agg(action ORDER BY seq) FROM audit_log WHERE subject = %s", [f"job:{first}"]
        ).fetchone()
    assert answers == (1,)
    assert audited == (["job.submitted", "job.started", "job.succeeded"],)


def test_the_number_of_workers_changes_no_bit(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    histories, user, runs = coupled_market(400), user_factory("analyst"), JobRuns(databases.service)
    store_market(databases, histories)
    spec = question(histories, train_bars=300, estimator=Estimator.KSG, n_permutations=20, max_lag=1)
    outputs = []
    for workers in ("1", "2"):
        folder = tmp_path / workers
        job = submit(databases, user, spec)
        with runner_process(environment(databases, folder, CAUSEWAY_WORKER_PROCESSES=workers)):
            row = wait_until(runs, job, ended)
        assert row["state"] == "succeeded", row["error"]
        outputs.append(blobs_of(folder))
        with psycopg.connect(databases.owner_url) as connection:  # so that the second run computes too
            connection.execute("SET session_replication_role = replica")
            connection.execute("TRUNCATE analysis_results, links, signals CASCADE")
    assert len(outputs[0]) == 1 + 2 * 4 + 3  # panel, result and details of each target, network, signals, evaluation
    assert outputs[0] == outputs[1]


def test_a_running_job_is_cancelled_within_two_seconds_and_can_be_retried(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    histories, user, runs = coupled_market(), user_factory("analyst"), JobRuns(databases.service)
    store_market(databases, histories)
    job = submit(databases, user, question(histories, **SLOW))
    store = JobStore(databases.app)
    with runner_process(environment(databases, tmp_path)):
        wait_until(runs, job, lambda row: row["stage"] == "shards" and runs.count_shards(job)["running"] > 0)
        store.cancel(user, job, actor="tester")
        row = wait_until(runs, job, ended, timeout_s=4)
        assert (row["state"], row["message"]) == ("cancelled", "cancelled during shards")
        elapsed = row["finished_at"] - row["cancel_requested_at"]
        assert elapsed.total_seconds() < 2.5
        assert store.retry(user, job, actor="tester")["state"] == "queued"
        wait_until(runs, job, lambda row: row["stage"] == "shards")
        store.cancel(user, job, actor="tester")
        assert wait_until(runs, job, ended, timeout_s=4)["state"] == "cancelled"


def test_a_killed_runner_leaves_no_worker_behind_and_its_job_is_recovered(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    histories, user, runs = coupled_market(400), user_factory("analyst"), JobRuns(databases.service)
    store_market(databases, histories)
    spec = question(histories, train_bars=300, estimator=Estimator.KSG, n_permutations=400, max_lag=5)
    job = submit(databases, user, spec)
    env = environment(databases, tmp_path, CAUSEWAY_WORKER_PROCESSES="1")
    with runner_process(env) as first:
        wait_until(runs, job, lambda row: row["stage"] == "shards" and runs.count_shards(job)["running"] > 0)
        workers = children_of(first.pid)
        assert workers
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    wait_until(runs, job, lambda _: not any(map(alive, workers)), timeout_s=5)
    assert runs.read(job)["state"] == "running"
    with runner_process(env):
        row = wait_until(runs, job, ended, timeout_s=120)
    assert (row["state"], row["attempt"]) == ("succeeded", 2), row["error"]


def test_a_runner_that_is_asked_to_stop_gives_its_job_back(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    histories, user, runs = coupled_market(), user_factory("analyst"), JobRuns(databases.service)
    store_market(databases, histories)
    job = submit(databases, user, question(histories, **SLOW))
    with runner_process(environment(databases, tmp_path)):
        wait_until(runs, job, lambda row: row["stage"] == "shards")
    row = runs.read(job)
    assert (row["state"], row["runner"], row["attempt"]) == ("queued", "", 0)


def test_a_question_that_data_cannot_answer_fails_with_its_reason(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    histories, user, runs = coupled_market(), user_factory("analyst"), JobRuns(databases.service)
    store_market(databases, histories)
    spec = question(histories)
    job = submit(databases, user, replace(spec, symbols=(*spec.symbols, "ZZZ")))
    with runner_process(environment(databases, tmp_path)):
        row = wait_until(runs, job, ended)
    assert row["state"] == "failed"
    assert (row["error"]["code"], row["error"]["stage"]) == ("invalid_input", "validate")
    assert "ZZZ" in row["error"]["message"]


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("needs /proc to list the children of a process")
    return [int(child) for child in listed.read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
