"""Jobs on this machine: the row in PostgreSQL is the queue, a runner process claims it (see ``local_runner``)."""

from __future__ import annotations

from uuid import UUID


class LocalJobs:
    """A JobRunner for whoever submits: the runner finds a queued row and a cancel request by itself."""

    def submit(self, job_id: UUID) -> None:
        """Nothing to do: the committed row is what the runner looks for."""

    def cancel(self, job_id: UUID) -> None:
        """Nothing to do: the runner sees the request at its next heartbeat."""
