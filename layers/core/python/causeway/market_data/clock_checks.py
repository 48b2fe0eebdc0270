"""Do intraday bars lie in the exchange's sessions, or would they, on another clock?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.schedule import Schedule
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

HALF_HOUR_US = 1_800_000_000
FARTHEST = 28  # half hours: zones lie at most 14 hours from UTC
LONGEST_SESSION_US = 12 * 3_600_000_000  # a market that hardly closes shows no shift
NIGHT_US = 4 * 3_600_000_000
FEWEST_SESSIONS = 3
LEAST_INSIDE, LEAST_GAIN = 0.8, 0.05


def check_clock(bars: BarColumns, bar_size: BarSize, schedule: Schedule, findings: Findings) -> None:
    """A warning on the first bar where moving all bars by some half hours brings clearly more volume into the sessions.

    Clearly: 5 % of it or more, to 80 % or more. Bars without volume count one each; a bar counts where a part of it
    lies in a session. Of seven series of minutes of US stocks, with pre-market and evening, 84 to 98 % of the volume
    lies in the sessions, and half an hour off none has more than 0.2 % more.
    """
    if len(schedule.days) == 0 or np.median(schedule.closes_us - schedule.opens_us) > LONGEST_SESSION_US:
        return
    weight = bars.volume if bars.volume.any() else np.ones(len(bars))
    if 1 + int((np.diff(bars.time_us) > NIGHT_US).sum()) < FEWEST_SESSIONS:
        return
    width_us = bar_size.width // timedelta(microseconds=1)
    shares = {
        by: _share(bars.time_us + by * HALF_HOUR_US, width_us, weight, schedule)
        for by in sorted(range(-FARTHEST, FARTHEST + 1), key=abs)
    }
    best = max(shares, key=lambda by: shares[by])
    if best and shares[best] >= LEAST_INSIDE and shares[best] - shares[0] >= LEAST_GAIN:
        where = f"{shares[0]:.0%} of the volume lies in the exchange's sessions"
        moved = f"{shares[best]:.0%} would if the bars were {best / 2:+g} hours later"
        findings.add(0, "clock_shifted", f"{where}, {moved}: another time zone, or another exchange?")


def _share(time_us: NDArray[np.int64], width_us: int, weight: NDArray[np.float64], schedule: Schedule) -> float:
    row = np.searchsorted(schedule.opens_us, time_us + width_us) - 1
    inside = (row >= 0) & (time_us < schedule.closes_us[np.maximum(row, 0)])
    return float(weight[inside].sum() / weight.sum())
