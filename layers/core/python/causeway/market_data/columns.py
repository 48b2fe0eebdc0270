"""Which column holds what: guessed from the header, and shown, so that a wrong guess is seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from causeway.errors import InvalidInput

REQUIRED = ("time", "open", "high", "low", "close")
_NAMES: dict[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "name", "instrument", "stock", "sym", "code"),
    "time": (
        "time",
        "date",
        "datetime",
        "timestamp",
        "tsbarstart",
        "timestamputc",
        "timeutc",
        "dateutc",
        "opentime",
        "ts",
    ),
    "clock": (),  # guessed only beside a date, see _time_of_day
    "open": ("open", "openprice", "o"),
    "high": ("high", "highprice", "h"),
    "low": ("low", "lowprice", "l"),
    "close": ("close", "closeprice", "last", "c"),
    "volume": ("volume", "vol", "v", "size"),
    "bid": ("bid", "bidprice", "bidclose"),
    "ask": ("ask", "askprice", "askclose"),
}
_DOTTED = re.compile(r"^([A-Za-z][A-Za-z0-9]*)[._ ](open|high|low|close|volume|adjusted)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Position of each field in a row, -1 where the file has no such column.

    ``clock`` is the time of day where the date stands in a column of its own, which is ``time`` then. ``symbol`` is the
    one symbol of a file without a symbol column.
    """

    header: tuple[str, ...]
    position: dict[str, int]
    symbol: str | None

    def shown(self) -> dict[str, str]:
        """Field to column name, as reported to the user; a given symbol is written ``=AAPL``."""
        names = {field: self.header[at] for field, at in self.position.items() if at >= 0}
        if self.symbol is not None:
            names["symbol"] = f"={self.symbol}"
        return names

    def unique_header(self) -> list[str]:
        """Column names, those that stand twice told apart as ``Close`` and ``Close#2``."""
        seen: Counter[str] = Counter()
        unique = []
        for name in self.header:
            seen[name] += 1
            unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
        return unique


def map_columns(
    header: Sequence[str], *, given: Mapping[str, str] | None = None, symbol: str | None = None
) -> ColumnMapping:
    """Find the columns. ``given`` maps fields to column names and wins over the guess.

    Case, spaces, dots and underscores in names do not matter; ``AAPL.Open`` names the symbol as well.

    Raises:
        InvalidInput: a required column is missing, a given column does not exist, or no symbol is known.
    """
    header = tuple(name.strip() for name in header)
    prefix, plain = _without_symbol_prefix(header)
    position = {field: _find(plain, names) for field, names in _NAMES.items()}
    position |= _date_and_clock(plain, given or {})
    for field, column in (given or {}).items():
        position[field] = _given_position(header, field, column)
    missing = [field for field in REQUIRED if position[field] < 0]
    if missing:
        raise _not_found(missing, header)
    if symbol is not None:
        position["symbol"] = -1
    elif position["symbol"] < 0 and prefix is None:
        raise InvalidInput(
            f"the file has no symbol column (columns: {', '.join(header)}). Say which "
            "symbol it is: --symbol AAPL (over HTTP symbol=AAPL).",
            details={"missing": ["symbol"], "columns": list(header)},
        )
    return ColumnMapping(header, position, symbol or (prefix if position["symbol"] < 0 else None))


def _not_found(missing: Sequence[str], header: Sequence[str]) -> InvalidInput:
    seen = f"the file has the columns {', '.join(header)}"
    how = 'Name them, such as --map time=Date --map close=Last (mapping: {"time": "Date", "close": "Last"}).'
    if header[0] == "#1":
        seen = f"the file has no header, and its columns are called {', '.join(header)}"
        how = 'Name them, such as --map time=#1 --map close=#5 (mapping: {"time": "#1", "close": "#5"}).'
    return InvalidInput(
        f"no column found for {', '.join(missing)}; {seen}. {how}",
        details={"missing": list(missing), "columns": list(header)},
    )


def _date_and_clock(plain: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """``date, time`` beside one another are two halves of one time, unless the mapping says which column holds it."""
    day, clock = plain.index("date") if "date" in plain else -1, plain.index("time") if "time" in plain else -1
    return {} if "time" in given or min(day, clock) < 0 else {"time": day, "clock": clock}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9#]", "", name.lower())


def _without_symbol_prefix(header: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """``AAPL.Open, AAPL.Close`` to ``AAPL`` and plain names, if every dotted column has the same prefix."""
    parts = [_DOTTED.match(name) for name in header]
    prefixes = {part.group(1).upper() for part in parts if part and part.group(1).lower() != "adj"}
    if len(prefixes) != 1:
        return None, [_plain(name) for name in header]
    prefix = prefixes.pop()
    return prefix, [
        _plain(part.group(2) if part and part.group(1).upper() == prefix else name)
        for part, name in zip(parts, header, strict=True)
    ]


def _find(plain: Sequence[str], names: Sequence[str]) -> int:
    for name in names:
        if name in plain:
            return list(plain).index(name)
    return -1


def _given_position(header: tuple[str, ...], field: str, column: str) -> int:
    if field not in _NAMES:
        raise InvalidInput(
            f"the mapping names the field {field!r}; expected one of {', '.join(_NAMES)}.",
            details={"field": "mapping"},
        )
    if column in header:
        return header.index(column)
    at = _find([_plain(name) for name in header], [_plain(column)])
    if at < 0:
        raise InvalidInput(
            f"the mapping puts {field} in the column {column!r}, which the file lacks; it has {', '.join(header)}.",
            details={"field": "mapping", "columns": list(header)},
        )
    return at
