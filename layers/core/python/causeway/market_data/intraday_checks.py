"""Checks that intraday bars need beside those of any series: jumps that stay, stretches that come twice, lone volume.

Thresholds were set on 230,000 bars of 1 second to 1 hour of seven public sources: in none of their 24 series did a
close move by over 12 % from one bar to the next within a session, was the largest volume over 2.8 times the second
largest, or did four bars in a row come again with the same prices and volumes, three of them different.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.robust import usual_moves
from causeway.market_data.schedule import DAY_US
from causeway.model.bar import BarColumns

LARGE_JUMP, JUMP_USUAL_MOVES = 0.25, 8.0
LONGEST_PAUSE_US = 4 * DAY_US  # Thursday to Monday over a holiday
MOST_TIMES_LARGEST_VOLUME = 10.0
FEWEST_FOR_LARGEST = 50
REPEATED_BARS, FEWEST_VOLUMES = 4, 3
# The way into and out of what these say is no move.
_SAID = frozenset({"unit_error", "unit_shift", "level_shift", "lone_price"})
_ODD = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F])


def check_jumps(bars: BarColumns, findings: Findings) -> None:
    """A warning where the close moves by over 25 % and 8 usual moves from one bar to the next, and stays there."""
    if len(bars) < 3:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        close = np.log(bars.close)
    moves = np.diff(close)
    large = np.flatnonzero((np.abs(moves) > np.log1p(LARGE_JUMP)) & (np.diff(bars.time_us) <= LONGEST_PAUSE_US)) + 1
    for row, usual in zip(large.tolist(), usual_moves(close, large).tolist(), strict=True):
        if not np.isfinite(moves[row - 1]) or abs(moves[row - 1]) <= JUMP_USUAL_MOVES * np.nan_to_num(usual):
            continue
        if not any(one.code in _SAID for at in (row - 1, row) for one in findings.by_row.get(at, ())):
            findings.add(row, "large_move", f"the close moved {np.expm1(moves[row - 1]):+.1%} from the bar before")


def check_largest_volume(bars: BarColumns, findings: Findings) -> None:
    """A warning on the one bar that has over 10 times the volume of any other."""
    if len(bars) < FEWEST_FOR_LARGEST:
        return
    second, first = np.argpartition(bars.volume, -2)[-2:].tolist()
    times = bars.volume[first] / max(bars.volume[second], 1e-12)
    said = any(one.code == "volume_spike" for one in findings.by_row.get(first, ()))
    if bars.volume[second] > 0 and times > MOST_TIMES_LARGEST_VOLUME and not said:
        message = f"volume {bars.volume[first]:g} is {times:.0f} times that of any other bar"
        findings.add(first, "volume_spike", message)


def check_repeated_stretches(bars: BarColumns, findings: Findings) -> None:
    """A warning on the later of two stretches of 4 bars or more that are equal in all prices and in volume.

    All have volume, and three of four another one: a market that stands still is for ``check_stale``.
    """
    values = np.ascontiguousarray(np.c_[bars.prices(), bars.volume]) + 0.0  # -0.0 is 0
    count = len(values) - REPEATED_BARS + 1
    if count < 2:
        return
    volumes = np.sort(sliding_window_view(bars.volume, REPEATED_BARS), axis=1)
    telling = (volumes[:, 0] > 0) & (1 + (np.diff(volumes, axis=1) > 0).sum(axis=1) >= FEWEST_VOLUMES)
    hashed = (values.view(np.uint64) * _ODD).sum(axis=1, dtype=np.uint64)
    window = hashed[:count].copy()
    for at in range(1, REPEATED_BARS):
        window = window * np.uint64(31) + hashed[at : at + count]
    rows: dict[int, int] = {}
    for earlier, later in _equal_pairs(window, np.flatnonzero(telling)):
        if later - earlier >= REPEATED_BARS:
            rows.update(
                (later + at, earlier + at)
                for at in range(REPEATED_BARS)
                if (values[earlier : earlier + REPEATED_BARS] == values[later : later + REPEATED_BARS]).all()
            )
    for row, earlier in sorted(rows.items()):
        stamp = np.datetime64(int(bars.time_us[earlier]), "us").astype("datetime64[s]")
        findings.add(
            row, "repeated_stretch", f"prices and volume are those of {stamp}Z, as those of its neighbours are"
        )


def _equal_pairs(window: NDArray[np.uint64], rows: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The first row of each value, with each later one of it."""
    _, first, inverse = np.unique(window[rows], return_index=True, return_inverse=True)
    earlier = rows[first[inverse]]
    again = np.flatnonzero(earlier != rows)
    return list(zip(earlier[again].tolist(), rows[again].tolist(), strict=True))
