"""Levels that shift by one factor and back by the same: a stretch in another currency, or adjusted otherwise.

Prices do jump, and weeks later jump back, but seldom by the same amount: of 140,000 daily bars of five public sources,
two pairs of jumps of over 15 % (results of FB in 2012, of AMD in 2009) are taken for such a stretch; of 220,000
intraday bars of seven, no two jumps of over 5 % within a session.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import LONGEST_STRETCH, levels
from causeway.market_data.robust import usual_moves
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

LEAST_SHIFT, LEAST_INTRADAY_SHIFT = 0.15, 0.05
SHIFT_USUAL_MOVES = 6.0
ALIKE_USUAL_MOVES, ALIKE_AT_LEAST = 2.0, 0.01


def check_returning_shifts(
    bars: BarColumns, bar_size: BarSize, findings: Findings, *, breaks: NDArray[np.int64] | None = None
) -> None:
    """A warning on the first bar of such a stretch and on the first after it; none where the stretch is an error.

    ``breaks`` are rows that begin a session: a jump into one is the market's own.
    """
    level = levels(bars)
    if len(level) < 2:
        return
    moves = np.r_[0.0, np.nan_to_num(np.diff(level))]
    moves[[] if breaks is None else breaks] = 0.0
    least = LEAST_SHIFT if bar_size is BarSize.DAY_1 else LEAST_INTRADAY_SHIFT
    large = np.flatnonzero(np.abs(moves) > np.log1p(least))
    usual = dict(zip(large.tolist(), usual_moves(level, large).tolist(), strict=True))
    jumps = [at for at in large.tolist() if usual[at] > 0 and abs(moves[at]) > SHIFT_USUAL_MOVES * usual[at]]
    said = -1
    for first, after in pairwise(jumps):
        tolerance = max(ALIKE_USUAL_MOVES * max(usual[first], usual[after]), ALIKE_AT_LEAST)
        alike = abs(moves[first] + moves[after]) <= tolerance and after - first <= LONGEST_STRETCH
        if not alike or first == said or findings.has_error(first):
            continue
        for row, what in ((first, f"and back {after - first} bars later"), (after, "back to what it was before")):
            findings.add(row, "level_shift", f"the level shifts by {np.expm1(moves[row]):+.1%}, {what}")
        said = after
