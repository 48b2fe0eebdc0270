"""Analysis jobs: a frozen question, and where its answer stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from causeway.model.inference import Estimator, InferenceOptions
from causeway.model.time import BarSize, isoformat_z


class Measure(StrEnum):
    """What is computed from bars before inference."""

    RETURNS = "returns"  # log close-to-close
    LOG_VOLATILITY = "log-volatility"  # log of the Garman-Klass range volatility of a bar


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """The question. Equal specs on equal data with equal code have one answer.

    Links, lags and coefficients use bars that end at or before ``train_end``; evaluation starts after an
    embargo of ``max_lag`` + ``horizon`` bars and ends at ``end``. ``alpha`` bounds q (Benjamini-Yekutieli).
    """

    symbols: tuple[str, ...]
    measure: Measure
    estimator: Estimator
    bar_size: BarSize
    start: datetime
    train_end: datetime
    end: datetime
    max_lag: int = 5
    horizon: int = 1
    alpha: float = 0.05
    n_permutations: int = 200
    seed: int = 1
    cost_bps: float = 5.0  # per unit of turnover, in evaluation
    inference: InferenceOptions = field(default_factory=InferenceOptions)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, times with Z: the form that is stored, hashed and sent."""
        fields = asdict(self)
        fields["symbols"] = list(self.symbols)
        fields["inference"] = self.inference.as_json()
        for name in ("start", "train_end", "end"):
            fields[name] = isoformat_z(fields[name])
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> AnalysisSpec:
        """The inverse of ``as_json``."""
        typed = dict(fields)
        for name in ("start", "train_end", "end"):
            typed[name] = datetime.fromisoformat(typed[name])
        typed["symbols"] = tuple(typed["symbols"])
        typed["inference"] = InferenceOptions.from_json(typed.get("inference", {}))
        for name, kind in (("measure", Measure), ("estimator", Estimator), ("bar_size", BarSize)):
            typed[name] = kind(typed[name])
        return cls(**typed)


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


class Stage(StrEnum):
    """The stages of a job, in order; the state machine on AWS has the same names."""

    VALIDATE = "validate"
    PREPARE = "prepare"
    SHARDS = "shards"
    AGGREGATE = "aggregate"
    SIGNALS = "signals"
    EVALUATION = "evaluation"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Job:
    """A user's job. ``result_id`` is set in *prepare* and shared by equal questions."""

    job_id: UUID
    user_id: UUID
    spec: AnalysisSpec
    state: JobState
    stage: Stage
    progress: float
    message: str
    result_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: dict[str, Any] | None = None


def result_id(spec: AnalysisSpec, data_hash: str, engine_version: str) -> str:
    """Identity of an answer: 32 hexadecimal digits of SHA-256 over question (seed included), data and engine."""
    canonical = json.dumps(
        {"spec": spec.as_json(), "data_hash": data_hash, "engine_version": engine_version},
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
