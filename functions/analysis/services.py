"""What the routes of this function are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from causeway.pipelines.cost_model import Machine

if TYPE_CHECKING:
    from causeway.adapters.storage.job_store import JobStore
    from causeway.adapters.storage.result_store import ResultStore
    from causeway.ports.jobs import JobRunner


@dataclass(frozen=True, slots=True)
class Services:
    jobs: JobStore
    results: ResultStore
    runner: JobRunner
    machine: Machine = field(default_factory=Machine)
