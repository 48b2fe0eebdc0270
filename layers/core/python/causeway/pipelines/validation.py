"""Is a question answerable with what is stored? Decided from counts alone, before anything is computed.

No numbers are crunched here, so the HTTP function may import this; the job's *validate* stage runs it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from causeway.errors import InvalidInput
from causeway.model.inference import MADE_DRIVERS, InferenceOptions
from causeway.model.job import AnalysisSpec
from causeway.model.time import isoformat_z, utc

MIN_TRAINING_SAMPLES = 100  # rows left for estimation after lagging
MIN_EVALUATION_BARS = 20  # a Sharpe ratio of fewer returns says nothing
SHORT_HISTORY_SHARE = 0.8  # of the median number of training bars


@dataclass(frozen=True, slots=True)
class Coverage:
    """Bars of one symbol inside a question's range: how many end by ``train_end``, and how many later."""

    symbol: str
    training_bars: int
    later_bars: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A symbol that the analysis leaves out, and why."""

    symbol: str
    reason: str


def required_training_bars(spec: AnalysisSpec) -> int:
    """Bars needed by ``train_end``: samples, the lags before the first one, and the close before the first return."""
    return MIN_TRAINING_SAMPLES + spec.max_lag + spec.horizon + 1


def embargo_bars(spec: AnalysisSpec) -> int:
    """Bars after ``train_end`` that neither train nor evaluate."""
    return spec.max_lag + spec.horizon


def required_later_bars(spec: AnalysisSpec) -> int:
    """Bars needed after ``train_end``: the embargo, the first decision and the shortest useful evaluation."""
    return embargo_bars(spec) + 1 + MIN_EVALUATION_BARS


def canonical(spec: AnalysisSpec) -> AnalysisSpec:
    """The same question in one spelling: symbols upper case and sorted, times in UTC.

    Raises:
        InvalidInput: a repeated symbol, fewer than two, a time without zone, or times out of order.
    """
    symbols = [symbol.strip().upper() for symbol in spec.symbols]
    repeated = sorted({symbol for symbol in symbols if symbols.count(symbol) > 1})
    if repeated:
        raise _invalid("symbols", f"each symbol may stand once; {', '.join(repeated)} is repeated")
    if len(symbols) < 2:
        raise _invalid("symbols", f"at least two symbols are needed; found {len(symbols)}")
    start, train_end = utc(spec.start, field="start"), utc(spec.train_end, field="train_end")
    end = utc(spec.end, field="end")
    _check_order(start, train_end, end)
    options = replace(spec.inference, condition_on=_drivers(spec.inference, symbols))
    return replace(spec, symbols=tuple(sorted(symbols)), start=start, train_end=train_end, end=end, inference=options)


def _drivers(options: InferenceOptions, symbols: Sequence[str]) -> tuple[str, ...]:
    """What is conditioned on, in one spelling."""
    names = {name.strip().lower() if name.startswith("@") else name.strip().upper() for name in options.condition_on}
    unknown = sorted(names - set(symbols) - set(MADE_DRIVERS))
    if unknown:
        raise _invalid(
            "inference.condition_on",
            f"condition_on may name symbols of this question, or {', '.join(MADE_DRIVERS)}; found {', '.join(unknown)}",
        )
    left = len(set(symbols) - names)
    least = 3 if names & set(MADE_DRIVERS) else 2  # of two series, either follows from the other and their mean
    if left < least:
        raise _invalid("inference.condition_on", f"condition_on leaves {left} symbol(s); at least {least} are needed")
    return tuple(sorted(names))


def _check_order(start: datetime, train_end: datetime, end: datetime) -> None:
    if end <= start:
        raise _invalid("end", f"end must be after start {isoformat_z(start)}; found {isoformat_z(end)}")
    if not start < train_end < end:
        raise _invalid(
            "train_end",
            f"train_end must lie between start {isoformat_z(start)} and end {isoformat_z(end)}; "
            f"found {isoformat_z(train_end)}",
        )


def check_answerable(spec: AnalysisSpec, coverage: Sequence[Coverage]) -> tuple[Exclusion, ...]:
    """The symbols that will be excluded for short history; the rest can be analysed.

    ``coverage`` has a row per symbol that is known. Gaps and flawed values are judged later, in *prepare*.

    Raises:
        InvalidInput: unknown symbols, no bars in the range, or too few bars to train or to evaluate on.
    """
    check_known(spec, (row.symbol for row in coverage))
    if all(row.first is None for row in coverage):
        raise _invalid(
            "start",
            f"no {spec.bar_size} bars of these symbols are stored between {isoformat_z(spec.start)} and "
            f"{isoformat_z(spec.end)}; choose another range or bar_size",
        )
    excluded = short_histories({row.symbol: row.training_bars for row in coverage}, spec)
    check_drivers(spec, excluded)
    kept = [row for row in coverage if row.symbol not in {gone.symbol for gone in excluded}]
    check_enough_training(spec, {row.symbol: row.training_bars for row in kept}, excluded)
    check_enough_later(spec, {row.symbol: row.later_bars for row in kept})
    _check_windows(spec, min(row.training_bars for row in kept))
    return excluded


def _check_windows(spec: AnalysisSpec, training_bars: int) -> None:
    """Windows must fit between ``start`` and ``train_end``; one bar is lost to the first return."""
    window, step = spec.inference.window_bars, spec.inference.step_bars
    if window is None and step is not None:
        raise _invalid("inference.step_bars", f"step_bars {step} needs window_bars: set both, or neither")
    least = spec.max_lag + MIN_TRAINING_SAMPLES
    if window is not None and not least <= window < training_bars:
        raise _invalid(
            "inference.window_bars",
            f"window_bars must lie between {least} (max_lag + {MIN_TRAINING_SAMPLES}) and the {training_bars - 1} "
            f"training bars; found {window}",
        )


def check_known(spec: AnalysisSpec, known: Iterable[str]) -> None:
    """Raises InvalidInput naming every symbol of ``spec`` that is not ``known``."""
    unknown = sorted(set(spec.symbols) - set(known))
    if unknown:
        raise _invalid(
            "symbols",
            f"unknown symbol{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}; "
            "ingest bars of it first, or choose from GET /v1/data/symbols",
        )


def short_histories(training_bars: dict[str, int], spec: AnalysisSpec) -> tuple[Exclusion, ...]:
    """Symbols with under 80 % of the median symbol's training bars; keeping them would shorten everyone's overlap.

    Decided on bars up to ``train_end`` only, so no later bar can change it. The upper median is taken.
    """
    median = sorted(training_bars.values())[len(training_bars) // 2]
    needed = max(int(SHORT_HISTORY_SHARE * median), min(median, required_training_bars(spec)))
    return tuple(
        Exclusion(
            symbol,
            f"history too short: {count} {spec.bar_size} bars between start and train_end, {needed} needed "
            f"({SHORT_HISTORY_SHARE:.0%} of the median symbol's {median})",
        )
        for symbol, count in sorted(training_bars.items())
        if count < needed
    )


def check_drivers(spec: AnalysisSpec, excluded: Sequence[Exclusion]) -> None:
    """Raises InvalidInput where a series to condition on is left out, or leaves fewer than two others."""
    gone = {exclusion.symbol: exclusion.reason for exclusion in excluded}
    for name in spec.inference.condition_on:
        if name in gone:
            raise _invalid(
                "inference.condition_on",
                f"{name} is to be conditioned on but is left out ({gone[name]}); leave it out of condition_on",
            )
    free = [symbol for symbol in spec.symbols if symbol not in gone and symbol not in spec.inference.condition_on]
    if spec.inference.condition_on and len(free) < 2:
        why = "; ".join(f"{symbol}: {reason}" for symbol, reason in gone.items())
        raise _invalid(
            "inference.condition_on",
            f"beside what is conditioned on at least two symbols are needed; {len(free)} left ({why})",
        )


def check_enough_training(spec: AnalysisSpec, training_bars: dict[str, int], excluded: Sequence[Exclusion]) -> None:
    """Raises InvalidInput where fewer than two symbols, or too few bars, are left to train on."""
    needed = required_training_bars(spec)
    if len(training_bars) < 2:
        why = "; ".join(f"{gone.symbol}: {gone.reason}" for gone in excluded)
        raise _invalid(
            "symbols", f"at least two symbols with enough history are needed; {len(training_bars)} left ({why})"
        )
    symbol, fewest = min(training_bars.items(), key=lambda item: item[1])
    if fewest < needed:
        raise _invalid(
            "train_end",
            f"too few bars to train on: {fewest} of {symbol} end by train_end, {needed} are needed with "
            f"max_lag {spec.max_lag} and horizon {spec.horizon}; start earlier or set train_end later",
        )


def check_enough_later(spec: AnalysisSpec, later_bars: dict[str, int]) -> None:
    """Raises InvalidInput where too few bars after ``train_end`` are left to evaluate on."""
    needed = required_later_bars(spec)
    symbol, fewest = min(later_bars.items(), key=lambda item: item[1])
    if fewest < needed:
        raise _invalid(
            "end",
            f"too few bars to evaluate on: {fewest} of {symbol} lie between train_end and end, {needed} are needed "
            f"(embargo of {embargo_bars(spec)}, then {MIN_EVALUATION_BARS} returns); train_end earlier or end later",
        )


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, details={"field": field})
