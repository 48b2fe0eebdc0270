"""When bars of a symbol must wait, and which of them can never be whole because trades are missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from causeway.model.time import BarSize, micros
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, Gap, GapFilled, MissedTrades

_EVER = -(2**63)
_MOST_HOLES = 16


@dataclass(slots=True)
class BarGaps:
    """Follows the connection and its gaps.

    While trades are missing that may still come, no bar is complete by the clock; a bar of which trades are missing for
    good is not whole.
    """

    down: bool = False
    _filling: dict[str, datetime] = field(default_factory=dict)  # symbol: start of its gap
    _holes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def take(self, event: FeedEvent) -> None:
        """Take note of one event of the provider."""
        match event:
            case ConnectionChange(state):
                self.down = state is Connection.LOST
            case Gap(symbol, start, end, trades) if trades:
                self._filling[symbol] = start or end
            case Gap(symbol, start, end) | MissedTrades(symbol, start, end):
                self._filling.pop(symbol, None)
                holes = self._holes.setdefault(symbol, [])
                holes.append((_EVER if start is None else micros(start), micros(end)))
                del holes[:-_MOST_HOLES]
            case GapFilled(symbol):
                self._filling.pop(symbol, None)
            case _:
                pass

    @property
    def since(self) -> datetime | None:
        """When the earliest gap that is being filled begins."""
        return min(self._filling.values(), default=None)

    def waits(self, symbol: str) -> bool:
        """Whether trades of ``symbol`` may come that are older than those that came last."""
        return self.down or symbol in self._filling

    def is_whole(self, symbol: str, start_us: int, size: BarSize) -> bool:
        """Whether every trade of a bar came."""
        holes = self._holes.get(symbol)
        if not holes:
            return True
        end_us = start_us + int(size.width.total_seconds() * 1_000_000)
        return not any(start_us < hole_end and hole_start < end_us for hole_start, hole_end in holes)
