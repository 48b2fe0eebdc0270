"""What became of a symbol of a fetch, in a word and a sentence. A fetch that found nothing never ends in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from causeway.errors import CausewayError, NotFound, TooMany
from causeway.market_data.fetch_plan import Held, Series, Span, plan_all
from causeway.model.fetch import Outcome
from causeway.model.time import BarSize

_NOTICED = timedelta(days=7)  # so much less than what was asked for is said
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Received:
    """What providers gave. ``stored``: bars that were new or changed. ``first_bar`` None: no bar came.

    ``errors``: quarantined rows by error, as far as they are known.
    """

    read: int = 0
    stored: int = 0
    quarantined: int = 0
    first_bar: datetime | None = None
    last_bar: datetime | None = None
    sources: Sequence[str] = ()
    errors: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked for. ``planned``: the ranges that providers were asked for; none where nothing was missing.

    ``providers`` are those that could have been asked. ``held`` is what was stored before. ``reaches``: where their
    bars of this size begin, None where there is no limit.
    """

    bar_size: BarSize
    wanted: Span
    planned: Sequence[Span]
    held: Held
    providers: Sequence[str]
    calendar: str
    now: datetime
    reaches: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``error`` is set where nothing of what was asked for is stored now."""

    outcome: Outcome
    message: str
    error: CausewayError | None = None


def judge(question: Question, received: Received) -> Verdict:
    """What became of a symbol that every provider answered without an error."""
    if received.stored:
        return Verdict(Outcome.STORED, _stored(question, received))
    days = _held_days(question)
    if days:
        return Verdict(Outcome.ALREADY_STORED, _already(question, received, days))
    if received.read:
        came = f"{_bars(received.read)} came from {_named(received)}"
        said = f"{came}, and every one went to quarantine{_why(received)}; look at them there"
        return Verdict(Outcome.REFUSED, "", CausewayError(said))
    return Verdict(Outcome.NOTHING, "", NotFound(_nothing(question)))


def failed(error: CausewayError) -> Verdict:
    """What became of a symbol for which no provider could answer."""
    if not isinstance(error, NotFound):
        return Verdict(Outcome.FAILED, "", error)
    later = [
        f"{name} in {max(1, round(wait_s / 3600))} h" for name, wait_s in error.details.get("not_asked", {}).items()
    ]
    if not later:
        return Verdict(Outcome.UNKNOWN, "", error)
    how = "fetch --retry then, or fetch with --patient (patient: true), which waits"
    return Verdict(
        Outcome.UNKNOWN,
        "",
        NotFound(f"{error.message}; can be asked: {', '.join(later)}; {how}", details=error.details),
    )


def worth_waiting_s(error: CausewayError, *, patient: bool) -> float | None:
    """In how many seconds the same question may be answered; None where waiting does not help.

    A provider that was not asked, while others know no such symbol, is waited for by whoever is ``patient``.
    """
    if isinstance(error, TooMany):
        return error.retry_after_s
    return min(error.details.get("not_asked", {}).values(), default=None) if patient else None


def _stored(question: Question, received: Received) -> str:
    parts = [f"stored {_bars(received.stored)} from {_named(received)}"]
    first, last = received.first_bar, received.last_bar
    if first is not None and last is not None:
        parts[0] += f", {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        if question.planned and first - question.planned[0].start > _NOTICED:
            parts.append(f"{_has(received.sources)} nothing before {first:%Y-%m-%d}")
        if question.planned and min(question.planned[-1].end, question.now) - last > _NOTICED:
            parts.append(f"{_has(received.sources)} nothing after {last:%Y-%m-%d}")
    if received.quarantined:
        parts.append(f"{_bars(received.quarantined)} went to quarantine{_why(received)}")
    return "; ".join(parts)


def _already(question: Question, received: Received, days: int) -> str:
    said = f"already stored: bars of {days} day{'' if days == 1 else 's'}"
    if received.quarantined:
        return f"{said}; {_bars(received.quarantined)} of {_named(received)} went to quarantine{_why(received)}"
    if question.planned:
        return f"{said}; {_has(question.providers)} nothing new"
    return said


def _why(received: Received) -> str:
    """The errors, most frequent first; of a fetch that another runner began only those of its end are known."""
    if not received.errors:
        return ""
    by_rows = sorted(received.errors.items(), key=lambda one: (-one[1], one[0]))
    among = "among them " if sum(received.errors.values()) < received.quarantined else ""
    return f" ({among}{', '.join(f'{code}: {rows:,}' for code, rows in by_rows)})"


def _nothing(question: Question) -> str:
    start, end = question.wanted.start, question.wanted.end
    span, providers = f"{start:%Y-%m-%d} to {end:%Y-%m-%d}", _listed(question.providers)
    if start >= question.now:
        before = f"{question.now:%Y-%m-%d}"
        return f"the range begins at {start:%Y-%m-%d}, in the future; ask for one that began before {before}"
    if question.planned:
        lacks = f"{_has(question.providers)} no {question.bar_size} bars from {span}"
        return f"{lacks}{_begins(question)}; ask for another range"
    if question.reaches is not None and end <= question.reaches:
        return (
            f"bars of {question.bar_size} reach back to {question.reaches:%Y-%m-%d} at {providers}, and "
            f"{span} lies before; ask for a later range, longer bars or another provider"
        )
    if _has_days(question):
        return (
            f"nothing is stored from {span}, and {providers} had nothing when asked before; --again (again: "
            "true) asks anew"
        )
    return f"the calendar {question.calendar} has no session from {span} that is over; ask for another range"


def _begins(question: Question) -> str:
    """Where the stored bars of the symbol begin: often why a provider has nothing earlier."""
    days = question.held.days
    return f", stored bars begin {_EPOCH + timedelta(days=int(days[0])):%Y-%m-%d}" if len(days) else ""


def _has_days(question: Question) -> bool:
    series = Series(question.bar_size, question.calendar)
    return bool(plan_all(series, question.wanted, question.now))


def _held_days(question: Question) -> int:
    first = (question.wanted.start - _EPOCH) // timedelta(days=1)
    last = (question.wanted.end - timedelta(microseconds=1) - _EPOCH) // timedelta(days=1)
    low, high = np.searchsorted(question.held.days, [first, last + 1])
    return int(high - low)


def _named(received: Received) -> str:
    return _listed(received.sources)


def _listed(names: Sequence[str]) -> str:
    """``a``; ``a and b``; ``a, b and c``."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def _has(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'has' if len(names) == 1 else 'have'}"


def _bars(count: int) -> str:
    return f"{count:,} bar{'' if count == 1 else 's'}"
