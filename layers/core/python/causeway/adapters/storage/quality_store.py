"""Loads what a quality report is made of, and makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from causeway.adapters.storage.database import Database, Row
from causeway.adapters.storage.second_source_store import kept_bars
from causeway.adapters.storage.stored_actions import actions_of, found_in_bars
from causeway.adapters.storage.timeseries_db import FIRST_TIME, TimeseriesDb
from causeway.errors import InvalidInput, NotFound
from causeway.market_data.action_checks import ActionFinding
from causeway.market_data.quality import QualityFacts, QualityReport, build_quality_report
from causeway.market_data.schedule import Schedule, exchange_schedule, weekday_schedule
from causeway.market_data.sessions import time_zone
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize, isoformat_z, micros, moment, now_utc, utc

MAX_BARS = 2_000_000
_FX_ZONE = "America/New_York"


class QualityStore:
    """Quality of what is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._series = TimeseriesDb(database)

    def report(
        self,
        user_id: UUID,
        symbol: str,
        bar_size: BarSize,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        against: str = "",
    ) -> QualityReport:
        """The report on [start, end); by default from the first stored bar to the last. Nothing after now is expected.

        ``against`` names a provider whose kept bars the stored ones are compared with; others that are kept settle.

        Raises:
            NotFound: the symbol meant no instrument at ``end``, nothing of it is stored in a range that was not given,
                or whose start or end was not, or no bar of ``against`` is kept in it.
            InvalidInput: end is not after start, or the range holds over 2,000,000 bars.
        """
        facts = self.facts(user_id, symbol, bar_size, start, end)
        return build_quality_report(replace(facts, others=_ordered(facts, against) if against else {}))

    def action_findings(self, symbol: str, actions: Sequence[CorporateAction]) -> list[ActionFinding]:
        """What the daily bars around, and the other stored actions, say of stored ``actions``.

        Raises:
            NotFound: no instrument has this symbol.
        """
        instrument_id = self._series.resolve(symbol).instrument_id
        with self._database.transaction() as transaction:
            return found_in_bars(transaction, instrument_id, actions_of(transaction, instrument_id), actions)

    def facts(
        self,
        user_id: UUID,
        symbol: str,
        bar_size: BarSize,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> QualityFacts:
        """What the report is made of, with every other source; raises as ``report``."""
        name, now = symbol.strip().upper(), now_utc()
        asked_until = min(now, utc(end or now, field="end"))
        instrument = self._series.resolve(name, asked_until - timedelta(microseconds=1))
        key = {"instrument_id": instrument.instrument_id, "bar_size": bar_size.value}
        with self._database.transaction(user_id=user_id) as transaction:
            extent = transaction.all("quality_extent", **key, start=start or FIRST_TIME, end=asked_until)[0]
            if extent["bars"] == 0 and (start is None or end is None):
                raise _nothing(name, transaction.all("quality_stored", **key)[0], start, end, bar_size)
            since, until = _asked(name, extent, start, None if end is None else asked_until, bar_size)
            sources = transaction.all("quality_sources", **key, start=since, end=until)
            mine = {"user_id": user_id, "symbol": name, "bar_size": bar_size.value}
            flawed = transaction.all("quality_quarantined", **mine)
            flawed_rows = transaction.all("quality_quarantined_rows", **mine)[0]["rows"]
            actions = actions_of(transaction, instrument.instrument_id)
            others = kept_bars(transaction, {**key, "start": since, "end": until})
            calendar = transaction.all("quality_calendar", instrument_id=instrument.instrument_id)[0]["calendar"]
        schedule, zone = _schedule(calendar, bar_size, since.date(), until.date())
        return QualityFacts(
            symbol=name,
            bar_size=bar_size,
            start_us=micros(since),
            end_us=micros(until),
            bars=self._series.read_bars(name, bar_size, since, until),
            schedule=schedule,
            calendar=calendar,
            zone=zone,
            actions=actions,
            quarantined={row["code"]: row["rows"] for row in flawed},
            quarantined_rows=flawed_rows,
            sources={row["source"]: row["bars"] for row in sources},
            others=others,
            kept={name: len(bars) for name, bars in others.items()},
        )


def _ordered(facts: QualityFacts, against: str) -> dict[str, BarColumns]:
    """The provider that was asked for, then the others."""
    if against not in facts.others:
        kept = f" Kept are bars of {', '.join(facts.others)}." if facts.others else ""
        first, end = moment(facts.start_us), moment(facts.end_us)
        own = facts.sources.get(against)
        mend = (
            f"{own} of the stored bars are its own, and those are compared with other providers only."
            if own
            else f"fetch them with: causeway fetch --symbols {facts.symbol} --bars {facts.bar_size.value} --start "
            f"{first:%Y-%m-%d} --end {end:%Y-%m-%d} --check-against {against} --again."
        )
        raise NotFound(
            f"no bar of {facts.bar_size.value} of {against} is kept for {facts.symbol} in this range; {mend}{kept}",
            details={"field": "against", "kept": list(facts.others)},
        )
    rest = {name: bars for name, bars in facts.others.items() if name != against}
    return {against: facts.others[against], **rest}


def _asked(
    symbol: str, extent: Row, start: datetime | None, until: datetime | None, bar_size: BarSize
) -> tuple[datetime, datetime]:
    """The range, its open ends being those of what is stored."""
    if extent["bars"] > MAX_BARS:
        raise InvalidInput(
            f"{symbol} has {extent['bars']} bars of {bar_size.value} in this range; ask for at most {MAX_BARS}.",
            details={"field": "start"},
        )
    since = extent["first"] if start is None else utc(start, field="start")
    end = extent["last"] + bar_size.width if until is None else until
    if end <= since:
        raise InvalidInput(
            f"end must be after start, and what is after now is not expected; found {isoformat_z(since)} to "
            f"{isoformat_z(end)}.",
            details={"field": "end"},
        )
    return since, end


def _nothing(symbol: str, stored: Row, start: datetime | None, end: datetime | None, bar_size: BarSize) -> NotFound:
    """No bar lies in a range that is open on a side; at most one of ``start`` and ``end`` is given."""
    if stored["bars"] == 0:
        return NotFound(
            f"no bar of {bar_size.value} is stored for {symbol}; name a range to see what is missing in it."
        )
    named = "until now" if start is None else f"from {isoformat_z(utc(start, field='start'))}"
    named = named if end is None else f"before {isoformat_z(utc(end, field='end'))}"
    return NotFound(
        f"no bar of {bar_size.value} is stored for {symbol} {named}; {stored['bars']} are, from "
        f"{isoformat_z(stored['first'])} to {isoformat_z(stored['last'])}. Name a start and an end to see what is "
        "missing between them."
    )


def _schedule(calendar: str, bar_size: BarSize, first: date, last: date) -> tuple[Schedule, str]:
    """A day more on either side, for sessions that begin on the evening before. Foreign exchange opens on Sunday."""
    span = (first - timedelta(days=1), last + timedelta(days=1))
    if calendar == "24/5" and bar_size is not BarSize.DAY_1:
        return weekday_schedule(*span, zone=_FX_ZONE), _FX_ZONE
    return exchange_schedule(calendar, *span), time_zone(calendar)
