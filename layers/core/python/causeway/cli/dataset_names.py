"""The names that symbols of an export had over time, on the server that takes it in.

A server that knows them gets each bar under the name of its day; one that does not gets all under the export's name,
and then the names, which give the bars of earlier days to the earlier name. Names are changed by an admin alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from causeway.cli.client import Client
from causeway.cli.errors import CommandError

if TYPE_CHECKING:
    from causeway.model.bar import BarColumns

_Span = tuple[str, str | None, str | None]  # symbol, from, to
_STILL = date(2050, 12, 31)  # as map files write it
_DAY = timedelta(days=1)
_EVER = date(1900, 1, 1)


@dataclass(slots=True)
class Names:
    """``spans`` are those of the instrument behind each exported symbol, ascending; symbols that never had another name
    are not among them. ``known`` are those whose names the server has, as those of one instrument."""

    spans: Mapping[str, Sequence[_Span]]
    known: set[str] = field(default_factory=set)

    @classmethod
    def of_export(cls, symbols: Sequence[Mapping[str, Any]], validity: Sequence[Mapping[str, Any]]) -> Names:
        by_instrument: dict[int, list[_Span]] = {}
        for one in validity:
            span = (str(one["symbol"]), one["valid_from"], one["valid_to"])
            by_instrument.setdefault(one["instrument_id"], []).append(span)
        found = {str(one["symbol"]): by_instrument.get(one.get("instrument_id", -1), []) for one in symbols}
        return cls({symbol: _ascending(spans) for symbol, spans in found.items() if _tells(spans)})

    def ask(self, client: Client) -> None:
        """See which of them the server knows."""
        for symbol, spans in self.spans.items():
            try:
                rows = client.get("/data/validity", symbols=symbol)
            except CommandError:  # it knows no such symbol
                continue
            held: dict[int, list[_Span]] = {}
            for row in rows:
                held.setdefault(row["instrument_id"], []).append((row["symbol"], row["valid_from"], row["valid_to"]))
            if any(all(any(_covers(mine, span) for mine in one) for span in spans) for one in held.values()):
                self.known.add(symbol)

    def parts(self, symbol: str, bars: BarColumns) -> Iterator[tuple[str, BarColumns]]:
        """The bars under the names that the server knows for their times."""
        import numpy as np

        if symbol not in self.known:
            yield symbol, bars
            return
        starts = np.array([_micros(start) for _, start, _ in self.spans[symbol]], dtype=np.int64)
        at = np.maximum(np.searchsorted(starts, bars.time_us, side="right") - 1, 0)
        for number in np.unique(at).tolist():
            yield self.spans[symbol][number][0], bars.rows(at == number)

    def map_rows(self) -> list[dict[str, str]]:
        """Those that the server does not know, as rows of a map; what has days without a name is left out."""
        rows: list[dict[str, str]] = []
        for symbol, spans in self.spans.items():
            if symbol in self.known or any(before[2] != after[1] for before, after in pairwise(spans)):
                continue
            days = [(_day(spans[0][1], _EVER), spans[0][0])]
            days += [(_day(end, _STILL + _DAY) - _DAY, name) for name, _, end in spans]
            rows += [{"company": symbol, "date": day.isoformat(), "ticker": name} for day, name in days]
        return rows


def _tells(spans: Sequence[_Span]) -> bool:
    """Whether they say more than that a symbol always meant this."""
    return len(spans) > 1 or any(span[1:] != (None, None) for span in spans)


def _ascending(spans: Sequence[_Span]) -> list[_Span]:
    return sorted(spans, key=lambda span: (span[1] or "", span[0]))


def _covers(held: _Span, span: _Span) -> bool:
    """Whether the symbol means the same throughout ``span``."""
    later = held[2] is None or (span[2] is not None and span[2] <= held[2])
    return held[0] == span[0] and (held[1] or "") <= (span[1] or "") and later


def _day(text: str | None, otherwise: date) -> date:
    return otherwise if text is None else datetime.fromisoformat(text).date()


def _micros(text: str | None) -> int:
    from causeway.model.time import micros

    return -(2**63) if text is None else micros(datetime.fromisoformat(text))
