"""What keeps a live quote or trade from being shown as good: crossed, not positive, or an absurd jump.

A flagged tick is counted and kept out. A jump that holds is the market: once ``confirmations`` ticks in a row agree on
the new level, they are all taken, the held ones first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from causeway.model.tick import QuoteTick

CROSSED, NOT_POSITIVE, JUMP, ONE_SIDED = "crossed_quote", "non_positive", "jump", "one_sided"
Tick = TypeVar("Tick")


def quote_flaw(tick: QuoteTick) -> str | None:
    """Why a quote cannot be shown, judged by itself; None where nothing is wrong. Locked (bid = ask) is allowed."""
    bid, ask = tick.bid, tick.ask
    if bid is None or ask is None:
        return ONE_SIDED
    if bid <= 0 or ask <= 0 or tick.bid_size < 0 or tick.ask_size < 0:
        return NOT_POSITIVE
    return CROSSED if ask < bid else None


@dataclass(slots=True)
class JumpGuard(Generic[Tick]):
    """Judges one series of prices. ``most`` is the largest believable change as a fraction of the last good price."""

    most: Decimal
    confirmations: int = 3
    level: Decimal | None = None
    _held: list[tuple[Decimal, Tick]] = field(default_factory=list)

    def take(self, price: Decimal, tick: Tick) -> list[Tick]:
        """Ticks that are good now, oldest first: this one, none while it is doubted, or a whole new level."""
        if self.level is None or self._near(price, self.level):
            self.level = price
            self._held.clear()
            return [tick]
        if self._held and not self._near(price, self._held[-1][0]):
            self._held.clear()
        self._held.append((price, tick))
        if len(self._held) < self.confirmations:
            return []
        confirmed, self._held, self.level = self._held, [], price
        return [held for _, held in confirmed]

    def _near(self, price: Decimal, level: Decimal) -> bool:
        return abs(price - level) <= level * self.most
