"""A file's rows among the stored bars around them, so that a flaw at the seam is seen as one in the middle is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.normalizer import FIELDS, ParsedRows
from causeway.market_data.written_times import NO_TIME
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

Neighbours = Mapping[str, tuple[BarColumns, BarColumns]]
# First and last time of each symbol of a file, in microseconds, to stored bars before the one and after the other.
Around = Callable[[BarSize, Mapping[str, tuple[int, int]]], Neighbours]


@dataclass(frozen=True, slots=True)
class Judged:
    """``own`` rows of ``parsed``, in one piece, are the file's; the others are stored and nothing is said of them."""

    parsed: ParsedRows
    time_us: NDArray[np.int64]
    own: slice
    findings: Findings

    def hand_back(self, findings: Findings) -> None:
        """What was found in the file's own rows, by their index in the file."""
        first, end = self._bounds()
        findings.by_row = {row - first: found for row, found in self.findings.by_row.items() if first <= row < end}

    def mine(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of ``rows`` that are the file's, by their index in the file."""
        first, end = self._bounds()
        return rows[(rows >= first) & (rows < end)] - first

    def _bounds(self) -> tuple[int, int]:
        return self.own.start, self.own.stop


def spans_of(parsed: ParsedRows, time_us: NDArray[np.int64]) -> dict[str, tuple[int, int]]:
    """First and last time of each symbol that has a row with a time."""
    known = np.flatnonzero((time_us != NO_TIME) & (parsed.symbol_id >= 0))
    firsts = np.full(len(parsed.symbols), np.iinfo(np.int64).max)
    lasts = np.full(len(parsed.symbols), NO_TIME)
    np.minimum.at(firsts, parsed.symbol_id[known], time_us[known])
    np.maximum.at(lasts, parsed.symbol_id[known], time_us[known])
    return {name: (int(firsts[at]), int(lasts[at])) for at, name in enumerate(parsed.symbols) if lasts[at] != NO_TIME}


def judged_among(parsed: ParsedRows, time_us: NDArray[np.int64], findings: Findings, neighbours: Neighbours) -> Judged:
    """The file's rows with the stored bars before them at the front and those after them behind."""
    ids = {name: at for at, name in enumerate(parsed.symbols)}
    before = [(ids[name], pair[0]) for name, pair in neighbours.items() if len(pair[0])]
    after = [(ids[name], pair[1]) for name, pair in neighbours.items() if len(pair[1])]
    first = sum(len(bars) for _, bars in before)
    own = slice(first, first + len(parsed))
    moved = Findings({row + first: list(found) for row, found in findings.by_row.items()})
    if not before and not after:
        return Judged(parsed, time_us, own, moved)
    return Judged(_joined(parsed, before, after), _column(time_us, before, after, _times), own, moved)


_Stored = Sequence[tuple[int, BarColumns]]
ScalarT = TypeVar("ScalarT", bound=np.generic)


def _joined(parsed: ParsedRows, before: _Stored, after: _Stored) -> ParsedRows:
    return replace(
        parsed,
        row_number=_column(parsed.row_number, before, after, lambda _at, bars: np.zeros(len(bars), np.int64)),
        symbol_id=_column(parsed.symbol_id, before, after, lambda at, bars: np.full(len(bars), at, np.int32)),
        wall_us=_column(parsed.wall_us, before, after, _times),
        offset_us=_column(parsed.offset_us, before, after, lambda _at, bars: np.zeros(len(bars), np.int64)),
        values=_column(parsed.values, before, after, _values),
        quotes=None if parsed.quotes is None else _column(parsed.quotes, before, after, _no_quotes),
    )


def _column(
    own: NDArray[ScalarT], before: _Stored, after: _Stored, of: Callable[[int, BarColumns], NDArray[ScalarT]]
) -> NDArray[ScalarT]:
    return np.concatenate([*(of(*one) for one in before), own, *(of(*one) for one in after)])


def _times(_at: int, bars: BarColumns) -> NDArray[np.int64]:
    return bars.time_us


def _values(_at: int, bars: BarColumns) -> NDArray[np.float64]:
    return np.stack([getattr(bars, name) for name in FIELDS], axis=1)


def _no_quotes(_at: int, bars: BarColumns) -> NDArray[np.float64]:
    return np.full((len(bars), 2), np.nan)
