"""The state machine as it is deployed, executed: real handler, real container entry, real PostgreSQL, blobs on disk.

What it shares with the runner of one machine is in ``tests/contract/jobs``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from causeway.adapters.storage.result_store import ResultStore
from causeway.model.job import Stage
from tests.fixtures.analysis import store_market, submit
from tests.fixtures.state_machine import DEFINITION, open_account
from tests.unit.pipelines.questions import coupled_market, question

__all__ = ["open_account"]
pytestmark = [pytest.mark.postgres, pytest.mark.slow]


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
