"""Jobs on AWS: one execution of the state machine per attempt of a job."""

from __future__ import annotations

import json
import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from causeway.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsJobs:
    """Starts an execution with the job's id as input; everything else lies in PostgreSQL and S3.

    Cancellation is cooperative: containers ask the database once a second, and the execution's failure path then ends
    the job as cancelled. Executions are named after the job, so the console can be searched for it.
    """

    def __init__(self, state_machine_arn: str) -> None:
        self._state_machine_arn = state_machine_arn

    def submit(self, job_id: UUID) -> None:
        """Start an execution. Raises Unavailable where Step Functions does not take it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=f"{job_id}-{uuid.uuid4().hex[:8]}",
                input=json.dumps({"job_id": str(job_id)}),
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the analysis could not be started: {error}", retry_after_s=5.0) from error

    def cancel(self, job_id: UUID) -> None:
        """Nothing to send: the request in the job's row is what the containers and the failure path read."""

    def status(self, job_id: UUID) -> list[dict[str, Any]]:
        """Executions of a job, newest first: name, startDate, stopDate and status (RUNNING, SUCCEEDED, FAILED, ...)."""
        pages = self._client.get_paginator("list_executions").paginate(stateMachineArn=self._state_machine_arn)
        found = [execution for page in pages for execution in page["executions"]]
        wanted = ("name", "status", "startDate", "stopDate")
        return [
            {key: execution.get(key) for key in wanted}
            for execution in found
            if execution["name"].startswith(str(job_id))
        ]

    @cached_property
    def _client(self) -> SFNClient:
        import boto3

        return boto3.client("stepfunctions")
