"""Wire shapes of a comparison of two answers; meanings as in causeway.pipelines.comparison."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from causeway.web.wire import Moment, Wire
from functions.analysis.schemas import Interval, Link, Spec


class ComparedEvaluation(Wire):
    """The head of an evaluation: what stands beside the other's. Ratios are annualised, returns are fractions."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    verdict: Literal["no_links", "not_distinguishable", "distinguishable"]
    start: Moment
    end: Moment
    bars: int
    sharpe: float | None
    sharpe_interval_95: Interval | None
    total_return: float
    max_drawdown: float
    turnover_per_bar: float


class ComparedRun(Wire):
    """One side. ``found`` counts all its significant links, comparable or not."""

    job_id: UUID
    name: str
    result_id: str
    spec: Spec
    symbols: list[str]
    samples: int | None
    found: int
    data_hash: str
    code_version: str
    engine_version: str
    created_at: Moment
    evaluation: ComparedEvaluation | None


class QuestionChange(Wire):
    """A field of the question with its value in each; ``inference.k`` is ``k`` of ``inference``."""

    field: str
    a: bool | int | float | str | list[str] | None
    b: bool | int | float | str | list[str] | None


class LinkPair(Wire):
    """A link that at least one kept; null for the one that did not.

    ``found`` says where it is significant, each by its own alpha; ``asked`` where source and target were both
    analysed. ``te_ratio`` is B over A.
    """

    source: str
    target: str
    found: Literal["a", "b", "both", "neither"]
    asked: Literal["a", "b", "both", "neither"]
    changes: list[Literal["significance", "lag", "sign"]]
    te_ratio: float | None
    a: Link | None
    b: Link | None


class Overlap(Wire):
    """Significant links over the ordered ``pairs`` that both asked about.

    ``jaccard`` is null where neither found any; ``expected_shared`` is what chance alone would share; ``same_lag``
    is null where bars differ in width.
    """

    pairs: int
    found_a: int
    found_b: int
    shared: int
    jaccard: float | None
    expected_shared: float
    same_lag: int | None


class Comparison(Wire):
    """``data``: same; other (another range, measure or set of series was asked for); changed (stored bars changed)."""

    a: ComparedRun
    b: ComparedRun
    same_answer: bool
    data: Literal["same", "changed", "other"]
    question: list[QuestionChange]
    overlap: Overlap
    links: list[LinkPair]
    notes: list[str]
