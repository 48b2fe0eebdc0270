"""Alpha Vantage's answers. Almost everything arrives as HTTP 200: data, throttles, refusals and errors alike."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from causeway.errors import Denied, InvalidInput, NotFound, TooMany, Unavailable

Row = tuple[str, list[float]]
_FIELDS = ("open", "high", "low", "close", "volume")
_DAY_S = 86_400.0
_EMPTY = frozenset({"", "none", "null", "."})


def read_series(text: str, throttled_s: float) -> list[Row]:
    """Stamp and open, high, low, close, volume of every row, ascending, of a JSON or CSV answer; NaN where it is empty.

    Raises:
        TooMany, Denied, NotFound, InvalidInput: what the answer says instead.
        Unavailable: it is neither.
    """
    if not text.lstrip().startswith("{"):
        return _one_a_stamp(sorted(_csv_rows(text), key=lambda row: row[0]))
    body = read_object(text, throttled_s)
    series = next((value for name, value in body.items() if "Time Series" in name), None)
    if not isinstance(series, dict):
        raise Unavailable(f"Alpha Vantage answered without a time series: {text[:200]!r}")
    try:
        return sorted((stamp, [_number(_named(row, field)) for field in _FIELDS]) for stamp, row in series.items())
    except (ValueError, KeyError, AttributeError) as error:
        raise Unavailable(f"Alpha Vantage's time series cannot be read: {type(error).__name__}: {error}") from error


def read_object(text: str, throttled_s: float) -> Mapping[str, Any]:
    """The JSON object of an answer that is data.

    Raises:
        As ``read_series``.
    """
    try:
        body = json.loads(text)
    except ValueError as error:
        raise Unavailable(f"Alpha Vantage answered no JSON: {text[:100]!r}") from error
    if not isinstance(body, dict):
        raise Unavailable(f"Alpha Vantage answered no JSON object: {text[:100]!r}")
    if not body:
        raise NotFound("Alpha Vantage has nothing under that name: it answered an empty object")
    for name in ("Error Message", "Information", "Note"):
        if name in body:
            raise _refusal(name, str(body[name]), throttled_s)
    return body


def _refusal(name: str, said: str, throttled_s: float) -> Exception:
    lower = said.lower()
    if "apikey is invalid or missing" in lower or "demo** api key" in lower:
        return Denied(f"Alpha Vantage refuses the key: {said} Set CAUSEWAY_ALPHAVANTAGE_KEY.")
    if "is a premium" in lower:
        return Denied(f"this is only in Alpha Vantage's premium plans: {said}", details={"premium": True})
    if name == "Error Message":
        kind = NotFound if "invalid api call" in lower else InvalidInput
        return kind(f"Alpha Vantage: {said}")
    if "spreading out" in lower or "per minute" in lower:
        return TooMany(f"Alpha Vantage throttles: {said}", retry_after_s=throttled_s)
    if "per day" in lower:
        return TooMany(f"Alpha Vantage's requests of the day are used up: {said}", retry_after_s=_DAY_S)
    return TooMany(f"Alpha Vantage does not answer for now: {said}", retry_after_s=throttled_s)


def _csv_rows(text: str) -> Iterator[Row]:
    rows = csv.reader(io.StringIO(text))
    header = [cell.strip().lower() for cell in next(rows, [])]
    if len(header) != 6 or header[0] not in {"timestamp", "time"} or tuple(header[1:]) != _FIELDS:
        raise Unavailable(f"Alpha Vantage answered no CSV of bars: its first line is {text[:100]!r}")
    for cells in rows:
        if not cells:
            continue
        if len(cells) != 6:
            raise Unavailable(f"Alpha Vantage's CSV ends in the middle of a row: {','.join(cells)!r}")
        try:
            yield cells[0], [_number(cell) for cell in cells[1:]]
        except ValueError as error:
            raise Unavailable(f"Alpha Vantage's CSV cannot be read: {error}") from error


def _one_a_stamp(rows: list[Row]) -> list[Row]:
    """Without rows that repeat the one before; two that differ are no answer."""
    for (stamp, values), (following, others) in pairwise(rows):
        if stamp == following and not np.array_equal(values, others, equal_nan=True):
            raise Unavailable(f"Alpha Vantage's CSV has two different rows of {stamp}")
    return list(dict(rows).items())


def _named(row: Mapping[str, Any], field: str) -> Any:
    """``4. close`` under any number."""
    for name, value in row.items():
        if name.rpartition(". ")[2] == field:
            return value
    raise KeyError(field)


def _number(value: Any) -> float:
    if value is None or str(value).strip().lower() in _EMPTY:
        return math.nan
    return float(value)
