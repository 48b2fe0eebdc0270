"""One series against another of the same instrument, and a third that settles who is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.model.bar import BarColumns
from causeway.model.time import isoformat_z, moment

FIELDS = ("open", "high", "low", "close")
TOLERANCE = 0.002  # two vendors' consolidated prices differ by less, almost always


class Outlier(StrEnum):
    """Who stands alone."""

    FIRST = "first"
    SECOND = "second"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """``row`` of the first series differs from the second in ``fields``; each source's prices in their order.

    ``third`` holds NaN where there is no third price.
    """

    row: int
    time_us: int
    fields: tuple[str, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    third: tuple[float, ...]
    outlier: Outlier

    @property
    def largest(self) -> float:
        """Largest relative difference, signed."""
        ratios = [one / other - 1 for one, other in zip(self.first, self.second, strict=True)]
        return max(ratios, key=abs)


def compare(
    first: BarColumns,
    second: BarColumns,
    third: BarColumns | None = None,
    *,
    fields: Sequence[str] = FIELDS,
    tolerance: float = TOLERANCE,
) -> list[Disagreement]:
    """Bars of both series whose prices differ by more than ``tolerance`` (relative) in one of ``fields``.

    All series are on one price basis; where they are not, everything differs (see ``price_basis.common_factor``). The
    third source decides where it agrees with exactly one of the two in every field that differs.
    """
    common, rows, others = np.intersect1d(first.time_us, second.time_us, assume_unique=True, return_indices=True)
    mine, theirs = _prices(first, fields)[rows], _prices(second, fields)[others]
    thirds = np.full_like(mine, np.nan) if third is None else _at(third, fields, common)
    differs = _apart(mine, theirs, tolerance)
    found = []
    for at in np.flatnonzero(differs.any(axis=1)):
        which = np.flatnonzero(differs[at]).tolist()
        a, b, c = (tuple(one[at, which].tolist()) for one in (mine, theirs, thirds))
        names = tuple(fields[one] for one in which)
        outlier = _outlier(a, b, c, tolerance=tolerance)
        found.append(Disagreement(int(rows[at]), int(common[at]), names, a, b, c, outlier))
    return found


def check_second_source(
    first: BarColumns,
    second: BarColumns,
    findings: Findings,
    third: BarColumns | None = None,
    *,
    tolerance: float = TOLERANCE,
    names: tuple[str, str, str] = ("this source", "the second", "a third"),
) -> None:
    """Findings on rows of ``first``: an error where it stands alone, a warning where nothing settles it.

    Where the second source is the one that stands alone, there is nothing to say about the first.
    """
    for one in compare(first, second, third, tolerance=tolerance):
        if one.outlier is Outlier.SECOND:
            continue
        values = ", ".join(
            f"{name} {mine:.10g} ({names[1]}: {other:.10g})"
            for name, mine, other in zip(one.fields, one.first, one.second, strict=True)
        )
        settled = one.outlier is Outlier.FIRST
        ending = f"; {names[2]} agrees with {names[1]}" if settled else ""
        code = "contradicted" if settled else "sources_differ"
        findings.add(one.row, code, f"{isoformat_z(moment(one.time_us))}: {values}{ending}")


def check_others(bars: BarColumns, others: Mapping[str, BarColumns], findings: Findings) -> None:
    """``check_second_source`` against the first of ``others``, by name; the second one settles who is wrong."""
    names, series = list(others), list(others.values())
    if series:
        third = series[1] if len(series) > 1 else None
        labels = ("this source", names[0], names[1] if len(names) > 1 else "a third")
        check_second_source(bars, series[0], findings, third, names=labels)


def _outlier(first: Sequence[float], second: Sequence[float], third: Sequence[float], *, tolerance: float) -> Outlier:
    like_first = not _apart(np.array(first), np.array(third), tolerance, unknown=True).any()
    like_second = not _apart(np.array(second), np.array(third), tolerance, unknown=True).any()
    if like_first == like_second:
        return Outlier.UNSETTLED
    return Outlier.SECOND if like_first else Outlier.FIRST


def _apart(
    one: NDArray[np.float64], other: NDArray[np.float64], tolerance: float, *, unknown: bool = False
) -> NDArray[np.bool_]:
    """``unknown``: what a missing price counts as."""
    apart = np.abs(one - other) > tolerance * np.minimum(np.abs(one), np.abs(other))
    return np.where(np.isnan(one) | np.isnan(other), unknown, apart)


def _prices(bars: BarColumns, fields: Sequence[str]) -> NDArray[np.float64]:
    return np.stack([getattr(bars, name) for name in fields], axis=1)


def _at(bars: BarColumns, fields: Sequence[str], time_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """Prices at these times, NaN where there is no bar."""
    found = np.full((len(time_us), len(fields)), np.nan)
    _, at, rows = np.intersect1d(time_us, bars.time_us, assume_unique=True, return_indices=True)
    found[at] = _prices(bars, fields)[rows]
    return found
