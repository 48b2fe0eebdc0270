"""The answer to an analysis: everything that is stored of it, once, for every equal question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from causeway.model.job import AnalysisSpec
from causeway.model.signal import Link, TargetWeight


@dataclass(frozen=True, slots=True)
class Answer:
    """``summary`` and ``evaluation`` are JSON types, in the shapes of the wire; ``links`` holds all that were kept."""

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
