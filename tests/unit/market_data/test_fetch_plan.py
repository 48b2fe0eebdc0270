"""What is asked for. Sessions, holidays and hours: NYSE's calendar of 2024, nyse.com/markets/hours-calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from causeway.market_data.fetch_plan import Held, Series, Span, done_fraction, plan_all, plan_fetch, remaining, settled
from causeway.model.time import BarSize

DAILY = Series(BarSize.DAY_1, "XNYS")
MINUTES = Series(BarSize.MINUTE_1, "XNYS")
EVENING = datetime(2024, 7, 12, 23, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def held(*days: str, last: datetime | None = None) -> Held:
    numbers = sorted((date.fromisoformat(one) - date(1970, 1, 1)).days for one in days)
    return Held(np.array(numbers, dtype=np.int64), last or (day(max(days)) if days else None))


def days_of(start: str, count: int) -> list[str]:
    return [(day(start) + timedelta(days=n)).date().isoformat() for n in range(count)]


def test_nothing_stored_asks_once_from_the_first_session_to_the_last() -> None:
    # 2024-07-04 is a holiday, the 6th and 7th are a weekend
    assert plan_fetch(DAILY, Span(day("2024-07-04"), day("2024-07-08")), Held(), EVENING) == [
        Span(day("2024-07-05"), day("2024-07-06"))
    ]


def test_a_holiday_and_a_weekend_ask_for_nothing() -> None:
    wanted = Span(day("2024-07-03"), day("2024-07-05"))
    assert plan_fetch(DAILY, wanted, held("2024-07-03"), EVENING) == []
    assert plan_fetch(DAILY, Span(day("2024-07-06"), day("2024-07-08")), Held(), EVENING) == []


def test_a_daily_session_is_due_after_its_close_and_no_earlier() -> None:
    wanted = Span(day("2024-07-12"), day("2024-07-13"))
    assert plan_fetch(DAILY, wanted, Held(), datetime(2024, 7, 12, 19, 59, tzinfo=UTC)) == []
    assert plan_fetch(DAILY, wanted, Held(), datetime(2024, 7, 12, 20, 0, tzinfo=UTC)) == [wanted]


def test_an_early_close_is_due_early() -> None:
    wanted = Span(day("2024-07-03"), day("2024-07-04"))  # closed at 13:00 New York, 17:00 UTC
    assert plan_fetch(DAILY, wanted, Held(), datetime(2024, 7, 3, 17, 0, tzinfo=UTC)) == [wanted]


def test_after_downtime_one_request_catches_up_over_stored_sessions() -> None:
    stored = held("2024-06-24", "2024-06-25", "2024-06-26", "2024-06-27", "2024-06-28")
    assert plan_fetch(DAILY, Span(day("2024-06-24"), EVENING), stored, EVENING) == [
        Span(day("2024-06-26"), EVENING)  # the last three stored ones overlap
    ]


def test_gaps_far_apart_are_requests_of_their_own() -> None:
    everything = days_of("2024-01-01", 194)
    lacking = [one for one in everything if one not in {"2024-03-06", "2024-05-15"}]
    assert plan_fetch(DAILY, Span(day("2024-01-02"), day("2024-07-12")), held(*lacking), EVENING) == [
        Span(day("2024-03-01"), day("2024-03-07")),
        Span(day("2024-05-10"), day("2024-05-16")),
    ]


def test_what_was_answered_before_is_not_asked_for_again() -> None:
    lacking = [one for one in days_of("2024-07-01", 12) if one != "2024-07-03"]
    wanted = Span(day("2024-07-01"), day("2024-07-13"))
    asked = [Span(day("2024-07-01"), day("2024-07-12"))]
    assert plan_fetch(DAILY, wanted, held(*lacking), EVENING, asked) == []
    assert plan_fetch(DAILY, wanted, held(*lacking), EVENING) != []


def test_minutes_are_asked_for_between_open_and_close() -> None:
    # New York is UTC-4 in July: 09:30 to 16:00 is 13:30 to 20:00
    assert plan_fetch(MINUTES, Span(day("2024-07-11"), day("2024-07-12")), Held(), EVENING) == [
        Span(datetime(2024, 7, 11, 13, 30, tzinfo=UTC), datetime(2024, 7, 11, 20, 0, tzinfo=UTC))
    ]


def test_extended_hours_are_asked_for_from_midnight_to_midnight_of_the_exchange() -> None:
    series = Series(BarSize.MINUTE_1, "XNYS", extended_hours=True)
    wanted = Span(day("2024-07-10"), day("2024-07-14"))
    stored = held("2024-07-10", last=datetime(2024, 7, 11, 3, 59, tzinfo=UTC))
    (span,) = plan_fetch(series, wanted, stored, datetime(2024, 7, 20, tzinfo=UTC))
    assert span == Span(wanted.start, datetime(2024, 7, 13, 4, tzinfo=UTC))


def test_a_session_that_was_cut_short_is_asked_for_again() -> None:
    wanted = Span(day("2024-07-11"), day("2024-07-12"))
    cut = held("2024-07-11", last=datetime(2024, 7, 11, 15, 0, tzinfo=UTC))
    whole = held("2024-07-11", last=datetime(2024, 7, 11, 19, 59, tzinfo=UTC))
    assert len(plan_fetch(MINUTES, wanted, cut, EVENING)) == 1
    assert plan_fetch(MINUTES, wanted, whole, EVENING) == []


def test_a_session_that_still_runs_is_asked_for_up_to_now() -> None:
    now = datetime(2024, 7, 11, 15, 0, tzinfo=UTC)
    (span,) = plan_fetch(MINUTES, Span(day("2024-07-11"), day("2024-07-12")), Held(), now)
    assert span.end == now


def test_asking_again_ignores_what_is_stored_but_no_future() -> None:
    assert plan_all(DAILY, Span(day("2024-07-06"), day("2024-12-31")), EVENING) == [
        Span(day("2024-07-08"), day("2024-07-13"))
    ]
    assert plan_all(DAILY, Span(day("2024-07-06"), day("2024-07-08")), EVENING) == []


def test_a_market_that_never_closes_has_a_bar_on_sunday() -> None:
    sunday = Span(day("2024-07-07"), day("2024-07-08"))
    assert plan_fetch(Series(BarSize.DAY_1, "24/7"), sunday, Held(), EVENING) == [sunday]


def test_what_remains_starts_where_the_last_page_ended() -> None:
    plan = [Span(day("2024-01-01"), day("2024-01-11")), Span(day("2024-02-01"), day("2024-02-11"))]
    assert remaining(plan, None) == plan
    assert remaining(plan, day("2024-01-06")) == [Span(day("2024-01-06"), day("2024-01-11")), plan[1]]
    assert remaining(plan, day("2024-01-11")) == plan[1:]
    assert remaining(plan, day("2024-02-11")) == []
    assert done_fraction(plan, day("2024-01-06")) == 0.25
    assert done_fraction([], None) == 1


def test_what_a_provider_lacked_of_the_last_days_is_asked_for_again() -> None:
    wanted = Span(day("2024-07-01"), day("2024-07-13"))
    stored = held("2024-07-01", "2024-07-02", "2024-07-05", "2024-07-08", "2024-07-09", "2024-07-10", "2024-07-11")
    answered = settled([wanted], datetime(2024, 7, 12, 20, 1, tzinfo=UTC))  # a minute after the close
    (again,) = plan_fetch(DAILY, wanted, stored, EVENING, answered)
    assert again == Span(day("2024-07-09"), day("2024-07-13"))  # not the 3rd, which it lacks for good
    assert settled([wanted], datetime(2024, 7, 2, tzinfo=UTC)) == []
