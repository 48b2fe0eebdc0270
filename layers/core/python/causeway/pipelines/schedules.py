"""When what is fetched by itself: one definition for EventBridge and for the scheduler of one machine.

The shipped definitions are ``schedules.json`` beside this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from causeway.errors import InvalidInput
from causeway.market_data.exchanges import check_exchange
from causeway.market_data.sessions import session_days
from causeway.model.fetch import FetchSpec
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize

_LOOK_BACK = timedelta(days=14)  # no exchange is closed for longer
_FIELDS = ("name", "calendar", "time_zone", "at", "days", "symbols", "bar_size", "start", "providers")
_MAY_LACK = {"asset_class", "check_against", "exchange"}


@dataclass(frozen=True, slots=True)
class Schedule:
    """After every session of ``calendar``, at ``at`` of that day on the clock of ``time_zone``, bars are brought up to
    date from ``start`` on. ``symbols`` empty: all that have bars of this size. ``providers`` empty: those of the
    settings. ``check_against``: providers that the bars are held against. ``asset_class`` and ``exchange`` (a MIC): of
    symbols that are new; None and empty: as the provider or the symbol says. ``days`` is EventBridge's day-of-week
    field: when it is worth asking whether there was a session.
    """

    name: str
    calendar: str
    time_zone: str
    at: time
    days: str
    symbols: tuple[str, ...]
    bar_size: BarSize
    start: date
    providers: tuple[str, ...]
    asset_class: AssetClass | None = None
    check_against: tuple[str, ...] = ()
    exchange: str = ""

    def due_session(self, now: datetime) -> date | None:
        """The last session whose time has come; None where there is none within two weeks.

        Raises:
            InvalidInput: the calendar is not known.
        """
        zone = ZoneInfo(self.time_zone)
        today = now.astimezone(zone).date()
        for day in reversed(session_days(self.calendar, today - _LOOK_BACK, today).tolist()):
            session = date(1970, 1, 1) + timedelta(days=day)
            if datetime.combine(session, self.at, zone) <= now:
                return session
        return None

    def spec(self) -> FetchSpec:
        """What is asked for: whatever lies between ``start`` and now and is not stored, downtime included."""
        start = datetime.combine(self.start, time(), UTC)
        return FetchSpec(
            self.bar_size,
            start,
            providers=self.providers,
            asset_class=self.asset_class,
            check_against=self.check_against,
            exchange=self.exchange,
        )

    def cron(self) -> str:
        """EventBridge Scheduler's expression, on the clock of ``time_zone``."""
        return f"cron({self.at.minute} {self.at.hour} ? * {self.days} *)"


class FetchQueue(Protocol):
    """Where schedules put their fetches; see ``causeway.adapters.storage.fetch_runs``."""

    def has_run(self, schedule: str, session: date) -> bool:
        """Whether a schedule has queued its fetch of a session."""
        ...

    def submit_scheduled(self, schedule: str, session: date, spec: FetchSpec, symbols: Sequence[str]) -> dict[str, Any]:
        """Queue it, once for a session: id and state."""
        ...

    def waits_over(self) -> list[UUID]:
        """Fetches that rested until a provider allows more, which is now."""
        ...

    def has_symbols(self, spec: FetchSpec, symbols: Sequence[str]) -> bool:
        """Whether there is anything that ``submit_scheduled`` could queue."""
        ...

    def left_alone(self, after_s: float) -> list[dict[str, Any]]:
        """Scheduled fetches that no runner has taken up for ``after_s``: schedule, session, minutes, busy."""
        ...


def load_schedules(file: str = "") -> tuple[Schedule, ...]:
    """The definitions in ``file``; without one, those that are shipped.

    Raises:
        InvalidInput: the file cannot be read, or a definition is wrong; it is named.
    """
    try:
        text = (Path(file) if file else files(__package__).joinpath("schedules.json")).read_text(encoding="utf-8")
        found: list[Mapping[str, Any]] = json.loads(text)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"the schedules in {file or 'schedules.json'} cannot be read: {error}") from error
    schedules = tuple(_schedule(one) for one in found)
    names = [one.name for one in schedules]
    if len(set(names)) < len(names):
        raise InvalidInput(f"schedules must have names of their own; found {', '.join(names)}")
    return schedules


def chosen(schedules: Sequence[Schedule], names: str) -> tuple[Schedule, ...]:
    """Those that ``names`` names, with commas between them; ``all``: all; empty: none.

    Raises:
        InvalidInput: there is no schedule of a name.
    """
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    known = {one.name for one in schedules}
    if unknown := wanted - known - {"all"}:
        raise InvalidInput(f"there is no schedule {', '.join(sorted(unknown))}; expected of {', '.join(sorted(known))}")
    return tuple(one for one in schedules if "all" in wanted or one.name in wanted)


def _schedule(fields: Mapping[str, Any]) -> Schedule:
    name = fields.get("name", "without a name")
    if set(fields) - _MAY_LACK != set(_FIELDS):
        expected = f"{', '.join(_FIELDS)}, and perhaps {', '.join(sorted(_MAY_LACK))}"
        raise InvalidInput(f"the schedule {name} has the fields {', '.join(fields)}; expected {expected}")
    try:
        ZoneInfo(fields["time_zone"])
        return Schedule(
            name=fields["name"],
            calendar=fields["calendar"],
            time_zone=fields["time_zone"],
            at=time.fromisoformat(fields["at"]),
            days=fields["days"],
            symbols=tuple(fields["symbols"]),
            bar_size=BarSize(fields["bar_size"]),
            start=date.fromisoformat(fields["start"]),
            providers=tuple(fields["providers"]),
            asset_class=_asset_class(fields),
            check_against=tuple(fields.get("check_against", ())),
            exchange=_exchange(fields),
        )
    except (ValueError, TypeError, ZoneInfoNotFoundError) as error:
        raise InvalidInput(f"the schedule {name} is wrong: {error}") from error


def _exchange(fields: Mapping[str, Any]) -> str:
    exchange = str(fields.get("exchange", ""))
    check_exchange(_asset_class(fields), exchange)
    return exchange


def _asset_class(fields: Mapping[str, Any]) -> AssetClass | None:
    said = fields.get("asset_class")
    return AssetClass(said) if said else None
