"""The state machine as it is deployed, executed: real handler, real container entry, real PostgreSQL, blobs on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import pytest

from causeway.adapters.compute.step_functions_jobs import StepFunctionsJobs
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.model.job import Stage
from functions.analysis.stage_tasks import run_stage
from tests.fixtures.analysis import PROJECT, environment, store_market, submit
from tests.fixtures.databases import Databases
from tests.infra.moto_seams import Containers, aws
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
DEFINITION = PROJECT / "infra/statemachines/analysis.asl.json"
Broken = Callable[[list[str], Mapping[str, str]], bool]


class Account:
    """An AWS account with the state machine in it, and a user with a question."""

    def __init__(self, databases: Databases, user: UUID, containers: Containers, arn: str) -> None:
        self.databases, self.user, self.containers = databases, user, containers
        self.runs = JobRuns(databases.service)
        self.jobs = StepFunctionsJobs(arn)

    def run(self, job_id: UUID) -> tuple[str, dict[str, Any]]:
        """Start the job; the execution's status and the job's row when both have ended."""
        self.jobs.submit(job_id)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            newest = max(self.jobs.status(job_id), key=lambda execution: execution["startDate"])
            if newest["status"] != "RUNNING":
                return newest["status"], self.runs.read(job_id)
            time.sleep(0.2)
        raise AssertionError(f"the execution did not end; the job: {self.runs.read(job_id)}")


@pytest.fixture
def open_account(databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path) -> Callable[..., Any]:
    @contextmanager
    def opened(broken: Broken | None = None) -> Iterator[Account]:
        containers = Containers(environment(databases, tmp_path), PROJECT)
        if broken is not None:
            containers.broken = broken
        runs = JobRuns(databases.service)
        with aws(lambda event, _: run_stage(event, runs), containers):
            yield Account(databases, user_factory("analyst"), containers, _deploy())

    return opened


def _deploy() -> str:
    batch = boto3.client("batch")
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    arns = {"AnalysisFunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:causeway-analysis:live"}
    for kind in ("Gpu", "Cpu"):
        made = batch.create_compute_environment(
            computeEnvironmentName=kind, type="UNMANAGED", state="ENABLED", serviceRole=role
        )
        order = [{"order": 0, "computeEnvironment": made["computeEnvironmentArn"]}]
        queue = batch.create_job_queue(jobQueueName=kind, state="ENABLED", priority=1, computeEnvironmentOrder=order)
        container = {"image": "causeway", "vcpus": 1, "memory": 512}
        job = batch.register_job_definition(jobDefinitionName=kind, type="container", containerProperties=container)
        arns |= {f"{kind}QueueArn": queue["jobQueueArn"], f"{kind}JobDefinitionArn": job["jobDefinitionArn"]}
    text = DEFINITION.read_text(encoding="utf-8")
    for name, arn in arns.items():
        text = text.replace(f"${{{name}}}", arn)
    made = boto3.client("stepfunctions").create_state_machine(name="analysis", definition=text, roleArn=role)
    return str(made["stateMachineArn"])


def test_the_definition_has_every_stage_of_the_core() -> None:
    states = {name.lower() for name in json.loads(DEFINITION.read_text(encoding="utf-8"))["States"]}
    assert {stage.value for stage in Stage} <= states


def test_a_job_runs_to_its_result_and_an_equal_one_is_answered_before(open_account: Callable[..., Any]) -> None:
    histories = coupled_market()
    with open_account() as account:
        store_market(account.databases, histories)
        job = submit(account.databases, account.user, question(histories))
        status, row = account.run(job)
        assert (status, row["state"], row["progress"]) == ("SUCCEEDED", "succeeded", 1.0), row["error"]
        stored = ResultStore(account.databases.app).of_job(account.user, job)
        assert stored["evaluation"]["tradable"]
        ran = len(account.containers.commands)
        again = submit(account.databases, account.user, question(histories))
        status, repeated = account.run(again)
    assert (status, repeated["result_id"]) == ("SUCCEEDED", row["result_id"])
    assert len(account.containers.commands) == ran + 1  # prepare alone


def test_shards_fall_back_to_the_cpu_queue(open_account: Callable[..., Any]) -> None:
    histories = coupled_market()
    with open_account(lambda command, _: command[0].endswith("gpu_worker")) as account:
        store_market(account.databases, histories)
        status, row = account.run(submit(account.databases, account.user, question(histories)))
    assert (status, row["state"]) == ("SUCCEEDED", "succeeded"), row["error"]
    entries = [command[0].rpartition(".")[2] for command in account.containers.commands]
    assert (entries.count("gpu_worker"), entries.count("cpu_worker")) == (4, 4)


def test_a_target_that_fails_everywhere_is_named_and_a_retry_runs_what_is_missing(
    open_account: Callable[..., Any],
) -> None:
    histories = coupled_market()
    spec = question(histories)
    with open_account(lambda _, given: given.get("CAUSEWAY_SHARD_INDEX") == "2") as account:
        store_market(account.databases, histories)
        job = submit(account.databases, account.user, spec)
        status, row = account.run(job)
        assert (status, row["state"]) == ("FAILED", "failed")
        assert (row["error"]["code"], row["error"]["stage"]) == ("shards_failed", "aggregate")
        assert spec.symbols[2] in row["error"]["message"]
        assert spec.symbols[1] not in row["error"]["message"]
        account.containers.broken = lambda _command, _environment: False
        JobStore(account.databases.app).retry(account.user, job, actor="tester")
        status, row = account.run(job)
    assert (status, row["state"]) == ("SUCCEEDED", "succeeded"), row["error"]


def test_a_cancelled_job_ends_as_cancelled(open_account: Callable[..., Any]) -> None:
    histories = coupled_market()
    with open_account() as account:
        store_market(account.databases, histories)
        job = submit(account.databases, account.user, question(histories))
        store = JobStore(account.databases.app)

        def cancel_before_aggregate(command: list[str], _: Mapping[str, str]) -> bool:
            if command[-1] == "aggregate":
                store.cancel(account.user, job, actor="tester")
            return False

        account.containers.broken = cancel_before_aggregate
        status, row = account.run(job)
    assert (status, row["state"]) == ("SUCCEEDED", "cancelled")
    assert row["error"] is None


def test_a_question_that_data_cannot_answer_fails_with_its_reason(open_account: Callable[..., Any]) -> None:
    histories = coupled_market()
    with open_account() as account:
        store_market(account.databases, histories)
        job = submit(account.databases, account.user, question(histories, train_bars=80))
        status, row = account.run(job)
    assert (status, row["state"]) == ("FAILED", "failed")
    assert (row["error"]["code"], row["error"]["stage"]) == ("invalid_input", "validate")
    assert "are needed" in row["error"]["message"]
