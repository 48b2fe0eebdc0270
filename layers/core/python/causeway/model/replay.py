"""What a user asks of the replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class ReplayCommand:
    """``start`` without a day goes on from where the replay stands; without a speed it keeps its speed.

    ``speed`` is in market seconds per wall second; no symbols means those of before.
    """

    action: Literal["start", "stop"]
    day: date | None = None
    speed: float | None = None
    symbols: tuple[str, ...] = ()
