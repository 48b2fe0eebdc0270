"""The market's clock: which mode it runs in, and what time it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class MarketClock:
    """``market_time`` is None before the first quote. ``updated_at`` is wall time.

    ``tells_halts``: the live feed tells of halts; ``halts_since``: it missed none since then, None while its connection
    is lost.
    """

    mode: Literal["replay", "live", "closed"]
    market_time: datetime | None
    speed: float
    updated_at: datetime
    tells_halts: bool = False
    halts_since: datetime | None = None
