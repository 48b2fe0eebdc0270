"""The answer to an analysis: everything that is stored of it, once, for every equal question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from causeway.model.job import AnalysisSpec
from causeway.model.signal import Link, TargetWeight


@dataclass(frozen=True, slots=True)
class Answer:
    """``summary`` and ``evaluation`` are JSON types, in the shapes of the wire; ``links`` holds all that were kept.

    ``times`` are the starts of the training bars. ``details`` has one JSON object per target, in the shape of
    ``analysis.information.robustness.details.TargetDetail``; its ``rows`` count into ``times``. ``windows`` is the
    network window by window, None where that was not asked for.
    """

    result_id: str
    spec: AnalysisSpec
    data_hash: str
    code_version: str
    engine_version: str
    summary: dict[str, Any]
    evaluation: dict[str, Any]
    links: Sequence[Link]
    weights: Sequence[TargetWeight]
    processing_time_ms: int
    times: Sequence[datetime] = ()
    details: Sequence[dict[str, Any]] = ()
    windows: dict[str, Any] | None = None
