"""Market data in PostgreSQL: instruments by symbol, bars as columns, corporate actions, quotes and the clock.

Ranges are half-open: a bar belongs to [start, end) when its start does.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from causeway.adapters.storage import packed_bars
from causeway.adapters.storage.bar_loading import BarLoad, Stored
from causeway.adapters.storage.coverage import SeriesCoverage, missing_sessions, series_coverage
from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.resolving import resolve, resolve_all, unknown_symbol
from causeway.adapters.storage.rollups import read_series, rolled_up
from causeway.adapters.storage.stored_actions import actions_of, add_actions, versions_of
from causeway.errors import InvalidInput, NotFound, Unavailable
from causeway.market_data.corporate_actions import Adjustment, Anchor, Convention, adjust
from causeway.market_data.knowledge import KnownBy, known_actions
from causeway.market_data.sessions import session_days, time_zone
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.instrument import AssetClass, Instrument
from causeway.model.time import BarSize, isoformat_z, now_utc, utc

FIRST_TIME = datetime(1900, 1, 1, tzinfo=UTC)
_LONG_READ_WAIT_S = 5.0
_AHEAD = timedelta(days=364)  # nothing is stored of the future; partitions reach so far, and a plan needs no more


@dataclass(frozen=True, slots=True)
class StoredSymbol:
    """A symbol that is current now, the calendar that it keeps, and the bar sizes that are stored of it.

    ``rank`` says how it was found: 0 the symbol itself, 1 its start, 2 the start of a word of the name, 3 the name.
    """

    instrument: Instrument
    calendar: str
    bar_sizes: tuple[BarSize, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class SymbolCoverage:
    """What is stored of a symbol. ``expected_bars`` counts the calendar's sessions from first to last, daily only.

    ``missing_bars`` are those sessions without a bar. A bar on another day makes up for none of them.
    """

    symbol: str
    bar_size: BarSize
    start: datetime
    end: datetime
    bars: int
    expected_bars: int | None
    missing_bars: int | None
    quarantined: int


class TimeseriesDb:
    """Reads and writes market data. Safe to share between threads; each call is one transaction.

    Bars and coverage are read in a snapshot, on the read replica where there is one (see ``Database.snapshot``) and
    ``may_lag``.
    """

    def __init__(self, database: Database, *, may_lag: bool = True) -> None:
        self._database, self._may_lag = database, may_lag
        self._long_reads = BoundedSemaphore(max(1, database.pool_size // 2))

    def resolve(self, symbol: str, at: datetime | None = None) -> Instrument:
        """The instrument that ``symbol`` meant at a moment (default: now).

        Raises:
            NotFound: it meant none; symbols that look alike are named.
        """
        with self._database.transaction() as transaction:
            return _instrument(symbol, resolve(transaction, symbol, at or now_utc()))

    def read_bars(
        self,
        symbol: str,
        bar_size: BarSize,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        limit: int | None = None,
    ) -> BarColumns:
        """Raw bars in [start, end), ascending, of the instrument that the symbol means at ``end`` (default: now).

        Where bars of this size are not stored of the instrument, they are made from finer ones that are.

        Raises:
            NotFound: no instrument has this symbol.
            InvalidInput: end is not after start.
        """
        span = span_of(start, end)
        with self._knowing([symbol], end) as (transaction, (found,)):
            return read_series(transaction, found, bar_size, span, limit)

    def read_many(
        self, symbols: Sequence[str], bar_size: BarSize, start: datetime | None = None, end: datetime | None = None
    ) -> dict[str, BarColumns]:
        """The same for several symbols, in one query; by symbol as it was asked for.

        Raises:
            NotFound: no instrument has one of the symbols.
            InvalidInput: end is not after start.
        """
        span = span_of(start, end)
        with self._knowing(symbols, end) as (transaction, instruments):
            ids = list(dict.fromkeys(found["id"] for found in instruments))
            stored = packed_bars.read_bars(transaction, ids, bar_size, *span)
            for found in instruments:
                if len(stored[found["id"]]) == 0:
                    stored[found["id"]] = rolled_up(transaction, found, bar_size, span, None)
        return {symbol: stored[found["id"]] for symbol, found in zip(symbols, instruments, strict=True)}

    def stream_bars(
        self,
        symbol: str,
        bar_size: BarSize,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        chunk_bars: int = packed_bars.CHUNK_BARS,
    ) -> Generator[BarColumns]:
        """Stored bars in [start, end), ascending, in chunks of at most ``chunk_bars``: for ranges larger than memory.

        All chunks are of one moment. A chunk is fetched when it is asked for; until the last one (or ``close()`` of
        the generator) a connection is held.

        Raises:
            NotFound: no instrument has this symbol.
            InvalidInput: end is not after start.
        """
        span = span_of(start, end)
        with self._knowing([symbol], end) as (transaction, (found,)):
            for chunk in packed_bars.chunks(transaction, [found["id"]], bar_size, *span, most=chunk_bars):
                yield chunk[found["id"]]

    def read_adjusted(
        self,
        symbol: str,
        bar_size: BarSize,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        adjustment: Adjustment,
        limit: int | None = None,
        anchor: Anchor = Anchor.LAST,
        convention: Convention = Convention.CRSP,
        as_of: datetime | None = None,
        known_by: KnownBy = KnownBy.RECORDED,
    ) -> BarColumns:
        """Bars adjusted for every corporate action that is stored, those after ``end`` included.

        ``as_of`` adjusts for those alone that were known then, and as they were known; for a dividend only once the day
        of its ex-date (UTC) was over, as the close of that day is part of the step. Bars themselves are as stored now.
        Research takes ``anchor=FIRST``: then nothing after a bar has any influence on it.

        Raises:
            NotFound: no instrument has this symbol.
            InvalidInput: end is not after start.
        """
        span = span_of(start, end)
        with self._knowing([symbol], end) as (transaction, (found,)):
            bars = read_series(transaction, found, bar_size, span, limit)
            actions = actions_of(transaction, found["id"])
            if as_of is not None:
                actions = known_actions(versions_of(transaction, found["id"]), as_of, known_by)
            latest = _latest_whole_day(as_of)
            closes = transaction.all("market_data_ex_closes", instrument_id=found["id"], latest=latest)
        zone = "UTC" if bar_size is BarSize.DAY_1 or not actions else time_zone(found["calendar"])
        return adjust(
            bars,
            actions,
            adjustment,
            ex_closes={row["ex_date"]: row["close"] for row in closes},
            previous_closes={row["ex_date"]: row["previous"] for row in closes if row["previous"] is not None},
            zone=zone,
            anchor=anchor,
            convention=convention,
        )

    def store_bars(
        self, bars: Mapping[int, BarColumns], bar_size: BarSize, *, source: str, ingestion_id: UUID | None = None
    ) -> Stored:
        """Store bars of several instruments, by instrument id, all or none; equal bars that are stored are left alone.

        A stored bar with other values is replaced. The bars were checked before: see ``market_data.validator``.

        Raises:
            InvalidInput: bars do not ascend in time, or hold something that is not a number.
            NotFound: there is no such instrument.
        """
        with self._database.transaction() as transaction:
            return BarLoad(bars, bar_size, source, ingestion_id).store(transaction)

    def symbols(self, *, query: str = "", after: tuple[int, str] = (0, ""), limit: int = 100) -> list[StoredSymbol]:
        """Symbols that start with ``query`` or whose name holds it, those after rank and symbol ``after``; ascending by
        both."""
        rank, symbol = after
        with self._database.transaction() as transaction:
            rows = transaction.all(
                "market_data_symbols", query=query.strip(), after_rank=rank, after=symbol, limit=limit
            )
        return [
            StoredSymbol(
                _instrument(row["symbol"], {**row, "id": row["instrument_id"]}),
                row["calendar"],
                tuple(BarSize(size) for size in row["bar_sizes"]),
                row["rank"],
            )
            for row in rows
        ]

    def coverage(
        self, symbols: Sequence[str], bar_size: BarSize, *, user_id: UUID | None = None
    ) -> list[SymbolCoverage]:
        """What is stored of each symbol; one without a bar is left out. Quarantine counts are ``user_id``'s.

        Raises:
            NotFound: a symbol is not known.
        """
        wanted = [symbol.strip().upper() for symbol in symbols]
        with self._database.transaction(user_id=user_id) as transaction:
            rows = transaction.all("market_data_coverage", symbols=wanted, bar_size=bar_size.value)
            for symbol in sorted(set(wanted) - {row["symbol"] for row in rows}):
                raise unknown_symbol(transaction, symbol)
            missing = missing_sessions(transaction, wanted) if bar_size is BarSize.DAY_1 else {}
        return [_coverage(row, bar_size, missing.get(row["symbol"])) for row in rows if row["bars"]]

    def coverage_map(self, symbols: Sequence[str], bar_size: BarSize | None = None) -> list[SeriesCoverage]:
        """What is stored of each symbol at one bar size or at all, with the sessions that are missing.

        Costs a row per year, however many bars a year holds.

        Raises:
            NotFound: a symbol is not known.
        """
        wanted = [symbol.strip().upper() for symbol in symbols]
        size = bar_size.value if bar_size else None
        with self._knowing(symbols, None) as (transaction, _):
            rows = transaction.all("market_data_coverage_map", symbols=wanted, bar_size=size)
        return series_coverage(rows)

    def corporate_actions(self, symbol: str, *, as_of: datetime | None = None) -> list[CorporateAction]:
        """Splits and dividends, ascending by ex-date; with ``as_of`` as this installation had them stored then.

        Raises:
            NotFound: no instrument has this symbol.
        """
        with self._database.transaction() as transaction:
            instrument_id = resolve(transaction, symbol, now_utc())["id"]
            if as_of is None:
                return actions_of(transaction, instrument_id)
            return known_actions(versions_of(transaction, instrument_id), as_of, KnownBy.RECORDED)

    def add_corporate_actions(
        self,
        actions: Mapping[str, Sequence[CorporateAction]],
        *,
        source: str,
        replace: bool = False,
        user_id: UUID | None = None,
    ) -> int:
        """Store actions by symbol, all or none; how many were new or changed. A change by a user is audited.

        Raises:
            NotFound: no instrument has one of the symbols.
            Conflict: another value is stored for an action, and ``replace`` is false.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            changed = {
                symbol: add_actions(
                    transaction,
                    symbol,
                    resolve(transaction, symbol, now_utc())["id"],
                    mine,
                    source=source,
                    replace=replace,
                )
                for symbol, mine in actions.items()
            }
            if user_id is not None and any(changed.values()):
                from psycopg.types.json import Jsonb

                detail = Jsonb({"changed": changed, "replace": replace})
                transaction.all("market_data_audit_actions", user_id=user_id, source=source, detail=detail)
        return sum(changed.values())

    def check_known(self, symbols: Sequence[str], end: datetime | None) -> None:
        """Raises NotFound where a symbol meant no instrument at the end of a range."""
        with self._knowing(symbols, end):
            return

    def quotes(self, symbols: Sequence[str]) -> list[Row]:
        """Last quotes of those symbols that have one."""
        with self._database.transaction() as transaction:
            return transaction.all("market_data_quotes", symbols=[symbol.strip().upper() for symbol in symbols])

    @contextmanager
    def one_moment(self, symbols: Sequence[str], end: datetime | None) -> Iterator[TimeseriesDb]:
        """What reads these symbols for long, all of it as of one moment; a connection is held meanwhile.

        Half of the pool's connections may be held so. One that is not asked for a minute is closed by the server.

        Raises:
            NotFound: a symbol meant no instrument at ``end`` (default: now).
            Unavailable: others hold as many connections as may be.
        """
        if not self._long_reads.acquire(timeout=_LONG_READ_WAIT_S):
            raise Unavailable(
                "as many large answers are being sent as this server sends at once; ask again, or follow pages.",
                retry_after_s=10.0,
            )
        try:
            with self._knowing(symbols, end) as (transaction, _):
                transaction.run("market_data_end_idle_read")
                yield _OfOneMoment(self._database, transaction)
        finally:
            self._long_reads.release()

    @contextmanager
    def _knowing(self, symbols: Sequence[str], end: datetime | None) -> Iterator[tuple[Transaction, tuple[Row, ...]]]:
        """A snapshot and the instruments of the symbols; the primary's where the replica does not know a symbol yet."""
        at = _last_moment(end)
        with ExitStack() as opened:
            transaction = opened.enter_context(self._database.snapshot(may_lag=self._may_lag))
            try:
                found = resolve_all(transaction, symbols, at)
            except NotFound:
                if not self._database.has_replica:
                    raise
                transaction = opened.enter_context(self._database.snapshot(may_lag=False))
                found = resolve_all(transaction, symbols, at)
            yield transaction, found

    def clock(self) -> Row:
        """The market's clock: mode, market_time, speed, updated_at."""
        with self._database.transaction() as transaction:
            return transaction.all("market_data_clock")[0]


class _OfOneMoment(TimeseriesDb):
    """Reads within a transaction that somebody else ends."""

    def __init__(self, database: Database, transaction: Transaction) -> None:
        super().__init__(database)
        self._transaction = transaction

    @contextmanager
    def _knowing(self, symbols: Sequence[str], end: datetime | None) -> Iterator[tuple[Transaction, tuple[Row, ...]]]:
        yield self._transaction, resolve_all(self._transaction, symbols, _last_moment(end))


def _last_moment(end: datetime | None) -> datetime:
    return now_utc() if end is None else utc(end, field="end") - timedelta(microseconds=1)


def span_of(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """From ``start`` (all that is stored) to ``end`` (now). Raises InvalidInput where it is not after the start."""
    first, last = utc(start or FIRST_TIME, field="start"), utc(end or now_utc(), field="end")
    if start is not None and end is not None and last <= first:
        raise InvalidInput(
            f"end must be after start; found start {isoformat_z(first)} and end {isoformat_z(last)}.",
            details={"field": "end"},
        )
    return first, min(last, now_utc() + _AHEAD)


def _latest_whole_day(as_of: datetime | None) -> datetime:
    """Start of daily bars that were over at a moment, at the latest."""
    return utc(as_of, field="as_of") - timedelta(days=1) if as_of else now_utc() + _AHEAD


def _instrument(symbol: str, row: Row) -> Instrument:
    return Instrument(
        row["id"], symbol.strip().upper(), row["name"], row["exchange"], AssetClass(row["asset_class"]), row["currency"]
    )


def _coverage(row: dict[str, Any], bar_size: BarSize, missing: int | None) -> SymbolCoverage:
    expected = None
    if bar_size is BarSize.DAY_1:
        first: date = row["first"].astimezone(UTC).date()
        expected = len(session_days(row["calendar"], first, row["last"].astimezone(UTC).date()))
    return SymbolCoverage(
        row["symbol"], bar_size, row["first"], row["last"], row["bars"], expected, missing, row["quarantined"]
    )
