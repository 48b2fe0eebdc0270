"""Which trades make prices and which make volume: a rule per source, by the source's own condition codes.

Every trade gets a *tier*: ``PRICED`` trades make open, high, low and close; ``RANGED`` ones, beside them, make high and
low, and open and close only until a bar has them; ``FALLBACK`` trades make prices where a bar has neither (extended
hours, for instance, where every trade is irregular); ``UNPRICED`` trades never do. Whether a trade counts for volume is
a second answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

PRICED: Final = 0
RANGED: Final = 1
FALLBACK: Final = 2
UNPRICED: Final = 3
Tier = Literal[0, 1, 2, 3]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a trade counts for."""

    tier: Tier
    volume: bool


Rule = Callable[[tuple[str, ...]], Eligibility]
_WHOLE = Eligibility(PRICED, True)

# LEAN's TradeConditionFlags (AlgoSeek's bits).
LEAN_REGULAR = 1 << 0
LEAN_OFFICIAL = 1 << 24 | 1 << 26  # official close and open: reports of a price, not trades


def every_trade(_conditions: tuple[str, ...]) -> Eligibility:
    """Sources that report no conditions, such as crypto venues."""
    return _WHOLE


def no_trade(_conditions: tuple[str, ...]) -> Eligibility:
    """What counts for nothing."""
    return Eligibility(UNPRICED, False)


def rule_of_judged(source: str, *, eligible: bool) -> Rule:
    """The rule of a live trade whose provider has judged its own codes (``TradeTick.eligible``).

    What makes no price still counts for volume, but not in IQFeed's bars; see ``iqfeed``.
    """
    return every_trade if eligible or source.split(" ", maxsplit=1)[0] != "iqfeed" else no_trade


def iqfeed(conditions: tuple[str, ...]) -> Eligibility:
    """By IQFeed's *basis for last*, the first condition: C and E make bars; O (odd lots and other) counts for nothing.

    Source: IQFeed's own interval records, which these trades reproduce (``tests/answers``).
    """
    counts = bool(conditions) and conditions[0] in {"C", "E"}
    return Eligibility(PRICED if counts else UNPRICED, counts)


def lean(conditions: tuple[str, ...]) -> Eligibility:
    """By LEAN's condition flags in hexadecimal, the first condition.

    Regular trades make prices; others do where a bar has none. Official opens and closes count for nothing.
    Source: measured against LEAN's minute bars (``tests/answers``).
    """
    flags = int(conditions[0], 16) if conditions and conditions[0] else 0
    if flags & LEAN_OFFICIAL and not flags & LEAN_REGULAR:
        return Eligibility(UNPRICED, False)
    return Eligibility(PRICED if flags & LEAN_REGULAR or flags == 0 else FALLBACK, True)


# Sale conditions that keep a trade out of prices (and out of volume); B, which means two things, is judged by tape.
_REPORTS = frozenset("MQ9")  # official close and open, corrected close: they repeat a price that was traded
_NO_PRICE = frozenset("CGHINPRUVWZ47")
_BUNCHED_ON = frozenset("CO")  # B is a bunched trade of UTP, an average price of CTA
# In a day's bar: at another moment's price, which is still one of the day.
_REPORTS_OF_DAYS = frozenset("MQ")
_RANGED_IN_DAYS = frozenset("GPZ4")
_NO_PRICE_IN_DAYS = _NO_PRICE - _RANGED_IN_DAYS | {"T"}


def us_tape(conditions: Collection[str], tape: str = "", *, daily: bool = False) -> Eligibility:
    """By sale conditions of the US tapes, one character each; ``tape`` is A or B (CTA), C (UTP), O (OTC), or not known.

    Cash, next day and seller's trades (C, N, R), price variation (H), odd lots (I), contingent ones (V, 7), average
    prices (W, and B of CTA), what is sold out of sequence (G, U, Z) and what is priced elsewhere (P, 4) count for
    volume only. Extended hours (T) count whole. Official open and close (Q, M) and a corrected close (9) count for
    nothing. The strictest of several conditions decides.

    ``daily``: for bars of a day that are made from trades. There G, P, Z and 4 set high and low, and open and close
    where nothing else did before; T counts for volume only; 9 makes prices but no volume. So such a day is not the sum
    of its minutes.
    Source: Alpaca, Market Data FAQ, "How are bars aggregated?", which follows the CTS, UTP and TDDS specifications.
    """
    codes = {code.strip() for code in conditions}
    if codes & (_REPORTS_OF_DAYS if daily else _REPORTS):
        return Eligibility(UNPRICED, False)
    volume = "9" not in codes
    if ("B" in codes and tape not in _BUNCHED_ON) or codes & (_NO_PRICE_IN_DAYS if daily else _NO_PRICE):
        return Eligibility(UNPRICED, volume)
    return Eligibility(RANGED if daily and codes & _RANGED_IN_DAYS else PRICED, volume)


def classify(conditions: Sequence[tuple[str, ...]], rule: Rule) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Tier and volume flag of each trade; every distinct condition is judged once."""
    known = {one: rule(one) for one in set(conditions)}
    judged = [known[one] for one in conditions]
    return (
        np.array([one.tier for one in judged], dtype=np.int8),
        np.array([one.volume for one in judged], dtype=np.bool_),
    )
