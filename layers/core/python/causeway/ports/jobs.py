"""Who makes queued analyses and fetches run. Implementations: workers on this machine, Step Functions, AWS Batch.

The job's row in PostgreSQL is the truth; a runner only brings it to an end. It is called after the row is committed.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class JobRunner(Protocol):
    def submit(self, job_id: UUID) -> None:
        """See to it that the queued job runs. Raises Unavailable when it cannot be started now."""
        ...

    def cancel(self, job_id: UUID) -> None:
        """Stop a running job whose cancellation was requested; its row says cancelled within seconds."""
        ...
