"""Where moto 5.2 needs help to run the state machine with our own code. Test-only; moto's version is pinned.

1. Lambda: its simple backend echoes the request. Here the real handler is called.
2. Batch: its simple backend marks every job as succeeded. Here the container's entry point runs as a subprocess with
   the job's command and environment, and its exit code decides.
3. Step Functions leaves ``_normalise_parameters`` and ``_normalise_response`` empty, which breaks every ``.sync``:
   names are converted with botocore's shapes.
JSONata is stubbed in moto as well; our state machine uses JSONPath, so that seam is not needed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import botocore.session
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.batch_simple.models import BatchSimpleBackend
from moto.core.config import DefaultConfig
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService

REGION = "eu-central-1"
Handler = Callable[[dict[str, Any], Any], Any]


@dataclass
class Containers:
    """Runs Batch jobs as subprocesses. ``broken(command, environment)`` stands for missing capacity or a crash."""

    environment: Mapping[str, str]
    project: Path
    broken: Callable[[list[str], Mapping[str, str]], bool] = lambda _command, _environment: False
    commands: list[list[str]] = field(default_factory=list)

    def run(self, command: list[str], overrides: Mapping[str, str]) -> bool:
        """Whether the container exited with 0."""
        self.commands.append(command)
        if self.broken(command, overrides):
            return False
        environment = {**self.environment, **overrides}
        done = subprocess.run([sys.executable, "-m", *command], env=environment, cwd=self.project, check=False)
        return done.returncode == 0


@contextmanager
def aws(handler: Handler, containers: Containers) -> Iterator[None]:
    """AWS in this process: Lambda calls ``handler``, Batch runs ``containers``, Step Functions runs the definition."""
    settings: DefaultConfig = {
        "lambda": {"use_docker": False},
        "batch": {"use_docker": False},
        "stepfunctions": {"execute_state_machine": True},
    }
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    with (
        patch.dict(os.environ, credentials),
        mock_aws(config=settings),
        patch.object(LambdaSimpleBackend, "invoke", _invoke(handler)),
        patch.object(BatchSimpleBackend, "_mark_job_as_finished", _run_job(containers)),
        patch.object(StateTaskService, "_normalise_parameters", _normalise_parameters),
        patch.object(StateTaskService, "_normalise_response", _normalise_response),
    ):
        yield


def _invoke(handler: Handler) -> Callable[..., bytes]:
    def invoke(_: Any, function_name: str, qualifier: Any, body: Any, headers: Any, response_headers: Any) -> bytes:
        try:
            answer = handler(json.loads(body), None)
        except Exception as error:  # as the Lambda runtime does
            response_headers["x-amz-function-error"] = "Unhandled"
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return json.dumps(answer).encode()

    return invoke


def _run_job(containers: Containers) -> Callable[..., None]:
    def run(self: Any, include_start_attempt: bool, job: Any) -> None:
        self.backend._jobs[job.job_id] = job
        if include_start_attempt:
            job._start_attempt()
        overrides = job.container_overrides or {}
        environment = {entry["name"]: entry["value"] for entry in overrides.get("environment", [])}
        job._mark_stopped(success=containers.run(list(overrides["command"]), environment))

    return run


def _shape(service: str, action: str, side: str) -> Any:
    model = botocore.session.get_session().get_service_model(service)
    wanted = action.replace("_", "").lower()
    name = next(name for name in model.operation_names if name.lower() == wanted)
    return getattr(model.operation_model(name), side)


def _normalise_parameters(
    self: Any, parameters: dict[str, Any], boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    action = self._get_boto_service_action(service_action_name)
    shape = _shape(self._get_boto_service_name(boto_service_name), action, "input_shape")
    self._to_boto_request(parameters, shape)


def _normalise_response(
    self: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    action = self._get_boto_service_action(service_action_name)
    shape = _shape(self._get_boto_service_name(boto_service_name), action, "output_shape")
    self._from_boto_response(response, shape)
