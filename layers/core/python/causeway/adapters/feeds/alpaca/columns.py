"""Alpaca's JSON as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.feeds.reading import finite_numbers, micros_of
from causeway.errors import Unavailable
from causeway.market_data.eligibility import PRICED, us_tape
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.tick import TickColumns

Json = Mapping[str, Any]


def items(answer: Json, key: str, symbol: str) -> Sequence[Json]:
    """The list of one symbol; Alpaca leaves out a symbol, or writes null, where it has nothing.

    Raises:
        Unavailable: the answer has another shape.
    """
    by_symbol = answer.get(key, answer)
    if by_symbol is None:
        return []
    found = by_symbol.get(symbol) if isinstance(by_symbol, dict) and key in answer else None
    if key not in answer or not isinstance(by_symbol, dict) or not isinstance(found, list | None):
        raise Unavailable(f"alpaca answered without a list of {key}: {str(answer)[:80]!r}")
    return found or []


def bar_columns(bars: Sequence[Json]) -> BarColumns:
    """Bars by their start, as Alpaca stamps them.

    Raises:
        Unavailable: a value is missing or no number, or they do not ascend.
    """
    try:
        time_us = micros([bar["t"] for bar in bars])
        opening, high, low, close, volume = (
            finite_numbers([bar[name] for bar in bars]) for name in ("o", "h", "l", "c", "v")
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _unreadable("bars", error) from error
    if (np.diff(time_us) <= 0).any():
        raise Unavailable("alpaca answered bars that do not ascend in time")
    return BarColumns(time_us, opening, high, low, close, volume)


def trade_columns(trades: Sequence[Json]) -> TickColumns:
    """Trades in the order of the tape; one that counts for no volume, such as an official close, has the size 0.

    Raises:
        Unavailable: a value is missing or no number, or they do not ascend.
    """
    try:
        time_us = micros([trade["t"] for trade in trades])
        judged = [us_tape(trade.get("c") or (), trade.get("z", "")) for trade in trades]
        columns = TickColumns(
            time_us,
            finite_numbers([trade["p"] for trade in trades]),
            finite_numbers([trade["s"] if one.volume else 0 for trade, one in zip(trades, judged, strict=True)]),
            np.array([one.tier == PRICED for one in judged], dtype=np.bool_),
            np.array([trade.get("i", 0) for trade in trades], dtype=np.int64),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _unreadable("trades", error) from error
    if (np.diff(time_us) < 0).any():
        raise Unavailable("alpaca answered trades that do not ascend in time")
    return columns


def micros(texts: Sequence[str]) -> NDArray[np.int64]:
    """Microseconds since 1970 of ``2022-03-09T09:00:00.000059Z``; of nanoseconds the rest is dropped.

    Raises:
        ValueError: one of them is no such time.
    """
    if any(not str(text).endswith("Z") for text in texts):
        raise ValueError("expected times in UTC that end with Z")
    return micros_of([text[:-1] for text in texts])


def corporate_actions(answer: Json) -> list[CorporateAction]:
    """Splits either way, stock dividends as the splits that they are, and cash dividends; others are not adjusted for.

    Raises:
        Unavailable: a value is missing or no number.
    """
    groups = answer.get("corporate_actions")
    if not isinstance(groups, dict):
        raise Unavailable(f"alpaca answered without corporate_actions: {str(answer)[:80]!r}")
    try:
        splits = [*(groups.get("forward_splits") or ()), *(groups.get("reverse_splits") or ())]
        return [
            *(_action(ActionKind.SPLIT, one, _number(one["new_rate"]) / _number(one["old_rate"])) for one in splits),
            *(_action(ActionKind.SPLIT, one, 1 + _number(one["rate"])) for one in groups.get("stock_dividends") or ()),
            *(_action(ActionKind.DIVIDEND, one, _number(one["rate"])) for one in groups.get("cash_dividends") or ()),
        ]
    except (KeyError, ValueError, ArithmeticError, TypeError) as error:
        raise _unreadable("corporate actions", error) from error


def _action(kind: ActionKind, one: Json, value: Decimal) -> CorporateAction:
    return CorporateAction(kind, date.fromisoformat(one["ex_date"]), value)


def _number(value: object) -> Decimal:
    return Decimal(str(value))


def _unreadable(what: str, error: Exception) -> Unavailable:
    return Unavailable(f"alpaca answered {what} that cannot be read: {type(error).__name__}: {error}")
