"""From stored bars to one aligned panel: what an analysis computes on, and the hash that names it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.inference import Missing
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import isoformat_z
from causeway.pipelines.measures import (
    log_range_volatility,
    microseconds,
    moment_of,
    total_returns,
)
from causeway.pipelines.validation import (
    Exclusion,
    check_drivers,
    check_enough_later,
    check_enough_training,
    check_known,
    embargo_bars,
    short_histories,
)

Floats = NDArray[np.float64]
MAX_FLAWED_SHARE = 0.05  # of a symbol's training bars that carry no value


@dataclass(frozen=True, slots=True)
class History:
    """Raw bars of one symbol inside the question's range, and its corporate actions."""

    bars: BarColumns
    actions: tuple[CorporateAction, ...] = ()


BarLoader = Callable[[AnalysisSpec], Mapping[str, History]]
"""Loads the history of each known symbol of a spec: bars that start at or after ``start`` and end by ``end``."""


@dataclass(frozen=True, slots=True)
class AlignedPanel:
    """Series side by side over common bars, oldest first.

    ``values`` is what inference sees, ``returns`` the simple total returns that a position earns; both have shape
    (n_bars, n_assets). The first ``n_train`` bars end by ``train_end``; evaluation starts at ``evaluation_start``.
    """

    symbols: tuple[str, ...]
    time_us: NDArray[np.int64]
    values: Floats
    returns: Floats
    n_train: int
    evaluation_start: int
    excluded: tuple[Exclusion, ...]
    warnings: tuple[str, ...]
    masked_time_us: NDArray[np.int64] | None = None
    masked_values: Floats | None = None

    @property
    def inference_values(self) -> Floats:
        """What links are inferred from: ``training``, or under masks every training bar of any symbol, holes as NaN."""
        return self.training if self.masked_values is None else self.masked_values

    @property
    def inference_time_us(self) -> NDArray[np.int64]:
        """The bars of ``inference_values``."""
        return self.time_us[: self.n_train] if self.masked_time_us is None else self.masked_time_us

    @property
    def training(self) -> Floats:
        """The rows of ``values`` that links, lags and coefficients may use."""
        return self.values[: self.n_train]

    @property
    def periods_per_year(self) -> float:
        """Bars per year of 365.25 days, as observed over the panel."""
        span_us = int(self.time_us[-1] - self.time_us[0])
        return float((self.time_us.shape[0] - 1) * 365.25 * 86_400e6 / span_us)

    def data_hash(self) -> str:
        """SHA-256 over symbols, bar starts, values and adjusted returns, as little-endian bytes."""
        digest = hashlib.sha256("\n".join(self.symbols).encode())
        digest.update(f"\n{self.n_train}\n{self.evaluation_start}\n".encode())
        digest.update(self.time_us.astype("<i8").tobytes())
        matrices = [self.values, self.returns]
        if self.masked_values is not None and self.masked_time_us is not None:
            digest.update(self.masked_time_us.astype("<i8").tobytes())
            matrices.append(self.masked_values)
        for matrix in matrices:
            digest.update(np.ascontiguousarray(matrix).astype("<f8").tobytes())
        return digest.hexdigest()


def build_panel(spec: AnalysisSpec, histories: Mapping[str, History]) -> AlignedPanel:
    """Align the measure of every symbol on the bars that all of them have.

    Which symbols stay is decided on training bars only. Left out, each with its reason: short history, more than
    5 % of bars without a value (gaps in prices, or no range under log-volatility), and a series that never moves.

    Raises:
        InvalidInput: unknown symbols, fewer than two left, one left out that everything is to be conditioned on, or
            too few common bars to train or evaluate on.
    """
    check_known(spec, histories)
    cut = _training_cut(spec)
    asked = {symbol: histories[symbol] for symbol in spec.symbols}
    excluded = _exclusions(spec, asked, cut)
    gone = {exclusion.symbol for exclusion in excluded}
    check_drivers(spec, excluded)
    kept = {symbol: _usable(spec, history) for symbol, history in asked.items() if symbol not in gone}
    check_enough_training(spec, {symbol: _count(one.bars, cut) for symbol, one in kept.items()}, excluded)
    return _align(spec, kept, cut, excluded)


def _training_cut(spec: AnalysisSpec) -> int:
    """Start of the last bar that ends by ``train_end``, in microseconds."""
    return microseconds(spec.train_end - spec.bar_size.width)


def _count(bars: BarColumns, cut: int) -> int:
    return int(np.searchsorted(bars.time_us, cut, side="right"))


def _usable(spec: AnalysisSpec, history: History) -> History:
    """The bars that carry a value of the measure and a price to trade at."""
    bars = history.bars
    good = np.isfinite(bars.close) & (bars.close > 0)
    if spec.measure is Measure.LOG_VOLATILITY:
        good &= np.isfinite(log_range_volatility(bars))
    return History(_take(bars, good), history.actions)


def _take(bars: BarColumns, rows: NDArray[np.bool_] | NDArray[np.int64]) -> BarColumns:
    return BarColumns(*(getattr(bars, column.name)[rows] for column in fields(bars)))


def _exclusions(spec: AnalysisSpec, histories: Mapping[str, History], cut: int) -> tuple[Exclusion, ...]:
    counts = {symbol: _count(history.bars, cut) for symbol, history in histories.items()}
    short = short_histories(counts, spec)
    judged = histories.keys() - {exclusion.symbol for exclusion in short}
    reasons = {symbol: _flaw(spec, histories[symbol], cut) for symbol in sorted(judged)}
    flawed = [Exclusion(symbol, reason) for symbol, reason in reasons.items() if reason]
    return tuple(sorted([*short, *flawed], key=lambda exclusion: exclusion.symbol))


def _flaw(spec: AnalysisSpec, history: History, cut: int) -> str:
    n_train = _count(history.bars, cut)
    usable = _usable(spec, history)
    n_usable = _count(usable.bars, cut)
    if n_train - n_usable > MAX_FLAWED_SHARE * n_train:
        return (
            f"{n_train - n_usable} of {n_train} training bars carry no value (missing or contradictory price, or a "
            f"bar without range); at most {MAX_FLAWED_SHARE:.0%} are allowed"
        )
    values = _measured(spec, usable)[0][1:n_usable]
    if not values.size:  # ``check_enough_training`` says how many are needed
        return ""
    if np.ptp(values) <= 1e-14 * (1.0 + float(np.abs(values).max())):
        return "the series is constant over the training bars, so it carries no information"
    return ""


def _measured(spec: AnalysisSpec, history: History) -> tuple[Floats, Floats]:
    returns = total_returns(history.bars, history.actions)
    if spec.measure is Measure.LOG_VOLATILITY:
        return log_range_volatility(history.bars), returns
    return np.log1p(returns), returns


def _align(spec: AnalysisSpec, kept: Mapping[str, History], cut: int, excluded: tuple[Exclusion, ...]) -> AlignedPanel:
    """Take the common bars first, then measure, so that a return spans whatever bars were left out."""
    times = [history.bars.time_us for history in kept.values()]
    common = reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), times)
    columns = [
        _measured(spec, History(_take(history.bars, np.searchsorted(history.bars.time_us, common)), history.actions))
        for history in kept.values()
    ]
    masked_time_us, masked_values = _masked(spec, kept, cut)
    n_train = int(np.searchsorted(common, cut, side="right"))
    check_enough_training(spec, {"all symbols together": n_train, **dict.fromkeys(kept, n_train)}, excluded)
    check_enough_later(spec, {"all symbols together": int(common.shape[0]) - n_train})
    return AlignedPanel(
        symbols=tuple(kept),
        time_us=common[1:],
        values=np.column_stack([values[1:] for values, _ in columns]),
        returns=np.column_stack([returns[1:] for _, returns in columns]),
        n_train=n_train - 1,
        evaluation_start=n_train - 1 + embargo_bars(spec),
        excluded=excluded,
        warnings=_warnings(dict(zip(kept, times, strict=True)), common, masked=masked_values is not None),
        masked_time_us=masked_time_us,
        masked_values=masked_values,
    )


def _masked(
    spec: AnalysisSpec, kept: Mapping[str, History], cut: int
) -> tuple[NDArray[np.int64], Floats] | tuple[None, None]:
    """Every training bar of any symbol, and the measure there; NaN where a symbol has no value of one bar's width.

    A return is a value only where the bar before has a price too: a return across a hole is of another length.
    """
    if spec.inference.missing is not Missing.MASK:
        return None, None
    grid = reduce(np.union1d, [history.bars.time_us for history in kept.values()])
    grid = grid[: np.searchsorted(grid, cut, side="right")]
    values = np.full((grid.size, len(kept)), np.nan)
    for column, history in enumerate(kept.values()):
        own = history.bars.time_us[: _count(history.bars, cut)]
        places = np.searchsorted(grid, own)
        measured = _measured(spec, history)[0][: own.size]
        whole = np.ones(own.size, dtype=bool)
        if spec.measure is Measure.RETURNS:
            whole = np.diff(places, prepend=-2) == 1
        values[places[whole], column] = measured[whole]
    return grid[1:], values[1:]


def _warnings(times: Mapping[str, NDArray[np.int64]], common: NDArray[np.int64], *, masked: bool) -> tuple[str, ...]:
    """What the user should know about the overlap: bars that were left out, and a history that ends early."""
    union = np.unique(np.concatenate(list(times.values())))
    lost = int(union.shape[0] - common.shape[0])
    found = []
    if lost:
        part = " of signal and evaluation (links use them, with holes masked)" if masked else ""
        found.append(f"{lost} of {union.shape[0]} bars were left out{part} because not every symbol has a value there")
    early = [(symbol, int(own[-1])) for symbol, own in times.items() if own[-1] < union[-1]]
    found += [f"{symbol} has no bars after {isoformat_z(moment_of(end))}" for symbol, end in early]
    return tuple(found)
