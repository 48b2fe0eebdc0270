"""Quotes whose ask is below their bid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings


def crossed_rows(bid: NDArray[np.float64], ask: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows in which any ask is below its bid. Shapes (n_rows,) or (n_rows, n_prices); no price is 0 or NaN."""
    both = (bid > 0) & (ask > 0)
    crossed = both & (ask < bid)
    return np.flatnonzero(crossed if crossed.ndim == 1 else crossed.any(axis=1))


def check_quotes(bid: NDArray[np.float64], ask: NDArray[np.float64], findings: Findings) -> None:
    """A finding for every crossed row, with the pair that is furthest apart."""
    for row in crossed_rows(bid, ask):
        bids, asks = np.atleast_1d(bid[row]), np.atleast_1d(ask[row])
        worst = int(np.nanargmax(np.where((bids > 0) & (asks > 0), bids - asks, -np.inf)))
        findings.add(int(row), "crossed_quote", f"ask {asks[worst]:.10g} is below bid {bids[worst]:.10g}")
