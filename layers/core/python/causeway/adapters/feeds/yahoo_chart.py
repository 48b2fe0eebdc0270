"""Yahoo's charts as bars, holes and corporate actions, in our units and times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.feeds.yahoo_exchanges import class_said, listed_on
from causeway.adapters.feeds.yahoo_symbols import major_currency
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction, one_a_day
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRICES = ("Open", "High", "Low", "Close")
_HALF_STEP = Decimal("0.0000005")  # Yahoo rounds dividends to six places, after dividing them by later splits
_MOST_PLACES = 8
_NONE = np.empty(0)


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """What a chart says about its instrument. ``divisor``: Yahoo's prices over ours. ``session_end``: of today.

    ``exchange`` (a MIC) and ``calendar`` are empty, and ``asset_class`` is None, where Yahoo does not say.
    """

    symbol: str
    zone: str
    currency: str
    divisor: int
    session_end: datetime | None
    actions: tuple[CorporateAction, ...]
    foreign_dividends: tuple[date, ...]
    exchange: str = ""
    calendar: str = ""
    asset_class: AssetClass | None = None


def read_facts(symbol: str, chart: Mapping[str, Any]) -> ChartFacts:
    """Zone, unit and corporate actions of a chart; dividends as paid, where Yahoo divides them by later splits."""
    meta = chart["meta"]
    currency, divisor = major_currency(str(meta.get("currency") or ""))
    zone = str(meta["exchangeTimezoneName"])
    ends = ((meta.get("currentTradingPeriod") or {}).get("regular") or {}).get("end")
    splits, dividends, foreign = _events(chart.get("events") or {}, zone, str(meta.get("currency") or ""), divisor)
    actions = one_a_day([*splits, *_as_paid(dividends, splits)])
    end = None if ends is None else datetime.fromtimestamp(int(ends), tz=UTC)
    listed = listed_on(symbol, meta)
    kind = class_said(meta)
    return ChartFacts(symbol, zone, currency, divisor, end, tuple(actions), tuple(foreign), *listed, kind)


def _events(
    events: Mapping[str, Any], zone: str, currency: str, divisor: int
) -> tuple[list[CorporateAction], list[CorporateAction], list[date]]:
    """Splits, dividends as Yahoo divides them, and ex-dates of dividends in another currency."""
    splits = [
        CorporateAction(
            ActionKind.SPLIT, _day(one["date"], zone), _decimal(one["numerator"]) / _decimal(one["denominator"])
        )
        for one in (events.get("splits") or {}).values()
    ]
    dividends, foreign = [], []
    for one in (events.get("dividends") or {}).values():
        paid_in, day = one.get("currency") or currency, _day(one["date"], zone)
        if major_currency(paid_in)[0] != major_currency(currency)[0]:
            foreign.append(day)
            continue
        unit = divisor if paid_in == currency else major_currency(paid_in)[1]
        dividends.append(CorporateAction(ActionKind.DIVIDEND, day, _shortest_single(one["amount"]) / unit))
    return splits, dividends, foreign


def _as_paid(dividends: list[CorporateAction], splits: list[CorporateAction]) -> list[CorporateAction]:
    paid = []
    for dividend in dividends:
        factor = Decimal(1)
        for split in splits:
            if split.ex_date > dividend.ex_date:
                factor *= split.value
        paid.append(CorporateAction(ActionKind.DIVIDEND, dividend.ex_date, undivided(dividend.value, factor)))
    return paid


def undivided(served: Decimal, factor: Decimal) -> Decimal:
    """The amount that was paid, where Yahoo served it divided by ``factor`` and rounded to six places.

    Of all amounts that Yahoo would serve so, the one with the fewest places: 0.094643 times 28 is 2.65, not 2.650004.
    """
    amount = served * factor
    if factor != 1:
        for places in range(2, _MOST_PLACES):
            shorter = amount.quantize(Decimal(1).scaleb(-places))
            if shorter > 0 and abs(shorter - amount) <= _HALF_STEP * factor:
                return shorter.normalize()
    return amount.quantize(Decimal(1).scaleb(-_MOST_PLACES)).normalize()


def _shortest_single(number: Any) -> Decimal:
    """A number in single precision that was written as double, as its shortest decimal; any other as it is."""
    single = np.float32(number)
    return Decimal(str(single)) if float(single) == float(number) else _decimal(number)


def _decimal(number: Any) -> Decimal:
    return Decimal(str(number))


def _day(seconds: float, zone: str) -> date:
    return datetime.fromtimestamp(int(seconds), tz=ZoneInfo(zone)).date()


def read_bars(
    frame: Any, facts: ChartFacts, bar_size: BarSize, start: datetime, end: datetime, now: datetime
) -> tuple[BarColumns, tuple[datetime, ...]]:
    """Finished bars that start in [start, end), and the starts of rows without values. ``frame`` None: no row."""
    if frame is None:
        return BarColumns(np.empty(0, np.int64), _NONE, _NONE, _NONE, _NONE, _NONE), ()
    bars = bars_of(frame, facts, bar_size)
    within = finished_within(bars, facts, bar_size, start, end, now)
    whole = within & np.isfinite(bars.prices()).all(axis=1) & np.isfinite(bars.volume)
    holes = tuple(_EPOCH + timedelta(microseconds=int(at)) for at in bars.time_us[within & ~whole])
    return bars.rows(whole), holes


def one_frame(frames: Sequence[Any]) -> Any:
    """Frames of windows that follow each other as one, each row once; None where none has a row."""
    held = [one for one in frames if one is not None and len(one)]
    if len(held) < 2:
        return held[0] if held else None
    import pandas as pd

    together = pd.concat(held)
    return together[~together.index.duplicated(keep="first")]


def bars_of(frame: Any, facts: ChartFacts, bar_size: BarSize) -> BarColumns:
    """Every row of a frame, in our units and times; NaN where Yahoo has no value."""
    prices = np.column_stack([shortest(frame[name].to_numpy()) for name in PRICES])
    prices = prices / facts.divisor if facts.divisor != 1 else prices
    return BarColumns.of(_starts(frame.index, bar_size), prices, frame["Volume"].to_numpy().astype(np.float64))


def finished_within(
    bars: BarColumns, facts: ChartFacts, bar_size: BarSize, start: datetime, end: datetime, now: datetime
) -> NDArray[np.bool_]:
    """Which bars start in [start, end) and are over."""
    finished = bars.time_us < first_unfinished(facts, bar_size, now)
    return (bars.time_us >= _micros(start)) & (bars.time_us < _micros(end)) & finished


def _starts(index: Any, bar_size: BarSize) -> NDArray[np.int64]:
    """A day is midnight UTC of the exchange's date, whatever midnight there is in UTC."""
    if bar_size is BarSize.DAY_1:
        index = index.tz_localize(None)
        return np.asarray(index.normalize().as_unit("us").asi8, dtype=np.int64)
    return np.asarray(index.tz_convert("UTC").as_unit("us").asi8, dtype=np.int64)


def shortest(served: NDArray[np.float64]) -> NDArray[np.float64]:
    """Yahoo writes single precision as double: 300.35 arrives as 300.3500061035156. The shortest number is meant."""
    single = served.astype(np.float32)
    exact = single == served
    served = served.astype(np.float64)
    served[exact] = [float(str(value)) for value in single[exact]]
    return served


def first_unfinished(facts: ChartFacts, bar_size: BarSize, now: datetime) -> int:
    """Bars from this time on, in microseconds since 1970, are still forming."""
    if bar_size is not BarSize.DAY_1:
        return _micros(now - bar_size.width) + 1
    today = now.astimezone(ZoneInfo(facts.zone)).date()
    ended = facts.session_end
    if ended is not None and ended <= now and ended.astimezone(ZoneInfo(facts.zone)).date() == today:
        today += timedelta(days=1)
    return _micros(datetime.combine(today, time(), tzinfo=UTC))


def _micros(moment: datetime) -> int:
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
