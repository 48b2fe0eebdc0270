"""Which company a ticker meant on a day. Tickers are renamed, die, and are given to others.

Built from LEAN's map files (``map_symbol,last_date,ticker``, one company after the other, dates ascending): the first
row of a company is its first day, each later row the last day on which it had that ticker; 2050-12-31 is "still".

Where the last day of one company is the first of the next one with its ticker, the day is the next one's, and it is
said: a company's first row is the first day of its own data, while the last row of one that ended may be the day of the
merger or the delisting, after its last trade. LEAN itself settles nothing here: its resolver keeps the row of the map
file that was read first.

Source: QuantConnect/Lean, Data/equity/usa/map_files; Common/Data/Auxiliary/MapFileResolver.cs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from causeway.errors import InvalidInput

EVER, STILL = date.min, date.max
LEAN_DATA_BEGINS = date(1998, 1, 2)
_LEAN_STILL = date(2050, 12, 31)


@dataclass(frozen=True, slots=True, order=True)
class SymbolSpan:
    """``company`` had ``symbol`` from ``first`` to ``last``, both included; ``EVER`` and ``STILL`` are open ends."""

    first: date
    last: date
    symbol: str
    company: str


class SymbolHistory:
    """Spans of many companies. ``findings``: a sentence for each day that was given to the later of two companies.

    Raises:
        InvalidInput: two companies have one symbol on more than one day, or a span ends before it begins.
    """

    def __init__(self, spans: Iterable[SymbolSpan]) -> None:
        given, self.findings = _without_shared_days(sorted(spans))
        self.spans = tuple(given)
        self._of_symbol: dict[str, list[SymbolSpan]] = {}
        self._of_company: dict[str, list[SymbolSpan]] = {}
        for span in self.spans:
            if span.last < span.first:
                raise InvalidInput(
                    f"{span.company} has {span.symbol} from {span.first} to {span.last}; expected ascending."
                )
            self._of_symbol.setdefault(span.symbol, []).append(span)
            self._of_company.setdefault(span.company, []).append(span)
        for before, after in (pair for mine in self._of_symbol.values() for pair in pairwise(mine)):
            if after.first <= before.last:
                raise InvalidInput(
                    f"{before.symbol} belongs to {before.company} until {before.last} and to {after.company} from "
                    f"{after.first}; expected one company a day, or one day that both name."
                )

    def resolve(self, symbol: str, on: date) -> str | None:
        """The company that had this symbol on that day; None where nobody did."""
        mine = self._of_symbol.get(symbol.strip().upper(), [])
        at = bisect_right(mine, on, key=lambda span: span.first) - 1
        return mine[at].company if at >= 0 and on <= mine[at].last else None

    def symbol_of(self, company: str, on: date) -> str | None:
        """The symbol that a company had on that day; None before its listing and after its end."""
        return next((span.symbol for span in self.of_company(company) if span.first <= on <= span.last), None)

    def of_company(self, company: str) -> Sequence[SymbolSpan]:
        """The names of a company, in order."""
        return self._of_company.get(company, ())

    def of_symbol(self, symbol: str) -> Sequence[SymbolSpan]:
        """Whose a symbol was, in order."""
        return self._of_symbol.get(symbol.strip().upper(), ())

    @property
    def companies(self) -> Sequence[str]:
        """Every company, by its key."""
        return tuple(self._of_company)

    @property
    def symbols(self) -> Sequence[str]:
        """Every symbol that anybody had."""
        return tuple(self._of_symbol)


def _without_shared_days(spans: Sequence[SymbolSpan]) -> tuple[list[SymbolSpan], tuple[str, ...]]:
    """A company's last day with a symbol that is the first day of the next company's is taken from it."""
    begins = {(span.symbol, span.first): span for span in spans if span.first > EVER}
    kept, findings = [], []
    for span in spans:
        later = begins.get((span.symbol, span.last))
        if later is None or later.company == span.company or later.last <= span.last or span.first > later.first:
            kept.append(span)
            continue
        findings.append(
            f"{span.symbol} on {span.last}: last day of {span.company} and first day of {later.company}; the day is "
            f"{later.company}'s"
        )
        if span.first < span.last:
            kept.append(replace(span, last=span.last - timedelta(days=1)))
    return kept, tuple(findings)


def read_map_rows(rows: Iterable[Sequence[str]], *, data_begins: date = LEAN_DATA_BEGINS) -> SymbolHistory:
    """LEAN map rows: company, date (2012-05-18 or 20120518), ticker; further cells are left alone.

    A first day at ``data_begins`` or before it says only that the source looks back no further: it becomes ``EVER``.

    Raises:
        InvalidInput: a row cannot be read, dates of a company do not ascend, or companies overlap.
    """
    of_company: dict[str, list[tuple[date, str]]] = {}
    for number, cells in enumerate(rows, start=1):
        company, last, ticker = _map_row(number, cells)
        of_company.setdefault(company, []).append((last, ticker))
    return SymbolHistory(span for company, mine in of_company.items() for span in _spans(company, mine, data_begins))


def _map_row(number: int, cells: Sequence[str]) -> tuple[str, date, str]:
    try:
        company, day, ticker = (cell.strip().upper() for cell in cells[:3])
        last = date.fromisoformat(day)
    except ValueError as error:
        raise InvalidInput(
            f"row {number} of the map is {','.join(cells)[:80]!r}; expected such as GOOGL,2014-04-02,GOOG,Q."
        ) from error
    if not company or not ticker:
        raise InvalidInput(f"row {number} of the map names no company or no ticker.")
    return company, last, ticker


def _spans(company: str, rows: Sequence[tuple[date, str]], data_begins: date) -> Iterable[SymbolSpan]:
    if len(rows) < 2 or any(after[0] < before[0] for before, after in pairwise(rows)):
        raise InvalidInput(
            f"the map rows of {company} have the dates {', '.join(str(day) for day, _ in rows)}; expected its first "
            "day, then the last day of each ticker, ascending."
        )
    first = rows[0][0] if rows[0][0] > data_begins else EVER
    for day, ticker in rows[1:]:
        last = STILL if day >= _LEAN_STILL else day
        if last >= first:
            yield SymbolSpan(first, last, ticker, company)
            first = last if last == STILL else last + timedelta(days=1)


# What is stored: an instrument instead of a company's key.


@dataclass(frozen=True, slots=True, order=True)
class StoredSpan:
    """``symbol`` means ``instrument`` from ``first`` to ``last``, both included."""

    symbol: str
    first: date
    last: date
    instrument: int


@dataclass(frozen=True, slots=True)
class Move:
    """Facts of ``source`` from ``first`` to ``last`` belong to the company's instrument."""

    source: int
    company: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class IdentityPlan:
    """What an import changes. ``instrument`` holds companies that have one already; the others get a new one.

    ``validity`` is the whole validity of each symbol of the history; ``kept`` of it are days that the history leaves
    open and where bars are stored: they keep their instrument.
    """

    instrument: Mapping[str, int]
    new: tuple[str, ...]
    validity: tuple[SymbolSpan, ...]
    kept: tuple[StoredSpan, ...]
    moves: tuple[Move, ...]


def plan_import(
    history: SymbolHistory, stored: Sequence[StoredSpan], holds_facts: Callable[[int, date, date], bool]
) -> IdentityPlan:
    """How stored validity becomes that of ``history``. ``holds_facts``: whether an instrument has bars in these days.

    An instrument stays with the company that had its symbol last. Facts that it holds of another company's days move to
    that company. Days that the history leaves open stay with the instrument where it has bars there, and mean nothing
    where it has none.
    """
    of_symbol: dict[str, list[StoredSpan]] = {}
    for span in stored:
        of_symbol.setdefault(span.symbol, []).append(span)
    owner = _owners(history, of_symbol)
    moves: list[Move] = []
    kept: list[StoredSpan] = []
    for symbol in history.symbols:
        for held in of_symbol.get(symbol, ()):
            moves.extend(_moves(history.of_symbol(symbol), held, owner))
            kept.extend(
                StoredSpan(symbol, first, last, held.instrument)
                for first, last in _open_days(history.of_symbol(symbol), held)
                if holds_facts(held.instrument, first, last)
            )
    new = tuple(company for company in history.companies if company not in owner)
    return IdentityPlan(owner, new, history.spans, tuple(kept), tuple(moves))


def _owners(history: SymbolHistory, of_symbol: Mapping[str, Sequence[StoredSpan]]) -> dict[str, int]:
    """The latest name decides first, and each instrument is given once."""
    owner: dict[str, int] = {}
    for span in sorted(history.spans, key=lambda one: (one.last, one.first), reverse=True):
        if span.company in owner:
            continue
        for held in of_symbol.get(span.symbol, ()):
            if held.first <= span.last and span.first <= held.last and held.instrument not in owner.values():
                owner[span.company] = held.instrument
                break
    return owner


def _moves(spans: Sequence[SymbolSpan], held: StoredSpan, owner: Mapping[str, int]) -> Iterable[Move]:
    for span in spans:
        first, last = max(span.first, held.first), min(span.last, held.last)
        if first <= last and owner.get(span.company) != held.instrument:
            yield Move(held.instrument, span.company, first, last)


def _open_days(spans: Sequence[SymbolSpan], held: StoredSpan) -> Iterable[tuple[date, date]]:
    """Days of ``held`` that no span covers."""
    first = held.first
    for span in spans:
        last = min(held.last, span.first - timedelta(days=1)) if span.first > EVER else EVER
        if first <= last:
            yield first, last
        if span.last == STILL:
            return
        first = max(first, span.last + timedelta(days=1))
    if first <= held.last:
        yield first, held.last
