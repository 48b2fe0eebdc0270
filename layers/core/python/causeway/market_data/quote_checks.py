"""Quotes whose ask is below their bid, or far above it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings

# Of the bid. Among 15,241 minutes of stock quotes of LEAN the widest in trading hours is 0.5 %; four others are wider.
WIDE_SPREAD = Decimal("0.2")


def crossed_rows(bid: NDArray[np.float64], ask: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in which any ask is below its bid. Shapes (n_rows,) or (n_rows, n_prices); no price is 0 or NaN."""
    both = (bid > 0) & (ask > 0)
    crossed = both & (ask < bid)
    return np.flatnonzero(crossed if crossed.ndim == 1 else crossed.any(axis=1))


def wide_rows(bid: NDArray[np.float64], ask: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in which any ask is over ``WIDE_SPREAD`` above its bid; shapes as ``crossed_rows``."""
    wide = (bid > 0) & (ask > bid * (1 + float(WIDE_SPREAD)))
    return np.flatnonzero(wide if wide.ndim == 1 else wide.any(axis=1))


def is_wide(bid: Decimal, ask: Decimal) -> bool:
    """The same of one quote, both sides above 0."""
    return ask > bid * (1 + WIDE_SPREAD)


def check_quotes(bid: NDArray[np.float64], ask: NDArray[np.float64], findings: Findings) -> None:
    """A finding for every crossed or wide row, with the pair that is furthest apart."""
    for row in crossed_rows(bid, ask):
        found_bid, found_ask = _furthest(bid[row], ask[row], -1.0)
        findings.add(int(row), "crossed_quote", f"ask {found_ask:.10g} is below bid {found_bid:.10g}")
    for row in wide_rows(bid, ask):
        found_bid, found_ask = _furthest(bid[row], ask[row], 1.0)
        above = f"{found_ask / found_bid - 1:.1%} above bid {found_bid:.10g}"
        findings.add(int(row), "wide_quote", f"ask {found_ask:.10g} is {above}")


def _furthest(bid: NDArray[np.float64], ask: NDArray[np.float64], sign: float) -> tuple[float, float]:
    bids, asks = np.atleast_1d(bid), np.atleast_1d(ask)
    apart = np.where((bids > 0) & (asks > 0), sign * (asks - bids), -np.inf)
    worst = int(np.nanargmax(apart))
    return float(bids[worst]), float(asks[worst])
