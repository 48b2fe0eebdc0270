"""Levels that shift by one factor and back by the same: a stretch in another currency, or adjusted otherwise.

Prices do jump, and weeks later jump back, but seldom by the same amount: of 140,000 daily bars of five public sources,
two pairs of jumps of over 15 % (results of FB in 2012, of AMD in 2009) are taken for such a stretch.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import LONGEST_STRETCH, levels
from causeway.market_data.robust import usual_moves
from causeway.model.bar import BarColumns

LEAST_SHIFT = 0.15
SHIFT_USUAL_MOVES = 6.0
ALIKE_USUAL_MOVES = 2.0


def check_returning_shifts(bars: BarColumns, findings: Findings) -> None:
    """A warning on the first bar of such a stretch and on the first after it, where nothing else was found there."""
    level = levels(bars)
    if len(level) < 2:
        return
    moves = np.r_[0.0, np.nan_to_num(np.diff(level))]
    large = np.flatnonzero(np.abs(moves) > np.log1p(LEAST_SHIFT))
    usual = dict(zip(large.tolist(), usual_moves(level, large).tolist(), strict=True))
    jumps = [at for at in large.tolist() if usual[at] > 0 and abs(moves[at]) > SHIFT_USUAL_MOVES * usual[at]]
    said = -1
    for first, after in pairwise(jumps):
        alike = abs(moves[first] + moves[after]) <= ALIKE_USUAL_MOVES * max(usual[first], usual[after])
        if not alike or after - first > LONGEST_STRETCH or first == said or findings.has_error(first):
            continue
        for row, what in ((first, f"and back {after - first} bars later"), (after, "back to what it was before")):
            findings.add(row, "level_shift", f"the level shifts by {np.expm1(moves[row]):+.1%}, {what}")
        said = after
