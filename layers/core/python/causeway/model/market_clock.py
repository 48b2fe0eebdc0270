"""The market's clock: which mode it runs in, and what time it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class MarketClock:
    """``market_time`` is None before the first quote. ``updated_at`` is wall time."""

    mode: Literal["replay", "live", "closed"]
    market_time: datetime | None
    speed: float
    updated_at: datetime
