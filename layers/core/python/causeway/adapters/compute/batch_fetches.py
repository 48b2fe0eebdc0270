"""Fetches on AWS: one Batch job on Fargate for a queued fetch."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from causeway.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient


class BatchFetches:
    """A JobRunner: the container takes the fetch's id and finds everything else in PostgreSQL.

    Starting twice does no harm: a fetch is claimed by one container, and the other ends at once.
    """

    def __init__(self, queue: str, definition: str) -> None:
        self._queue = queue
        self._definition = definition

    def submit(self, job_id: UUID) -> None:
        """Start a container. Raises Unavailable where Batch does not take the job."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.submit_job(
                jobName=f"fetch-{job_id}",
                jobQueue=self._queue,
                jobDefinition=self._definition,
                containerOverrides={"command": ["containers.ingest.main", "fetch", str(job_id)]},
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the fetch could not be started: {error}", retry_after_s=5.0) from error

    def cancel(self, job_id: UUID) -> None:
        """Nothing to send: the container sees the request at its next heartbeat."""

    @cached_property
    def _client(self) -> BatchClient:
        import boto3

        return boto3.client("batch")
