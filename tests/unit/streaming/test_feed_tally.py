"""Counters that outlive the process that counted."""

from __future__ import annotations

from datetime import UTC, datetime

from causeway.streaming.feed_tally import FeedTally

MONDAY, TUESDAY, FRIDAY = (datetime(2026, 3, day, 14, tzinfo=UTC) for day in (2, 3, 6))


def test_the_first_process_counts_from_its_start() -> None:
    tally = FeedTally.going_on({}, "alpaca", MONDAY)
    assert tally.as_json({"trades": 5, "spool_quotes_bytes": 70}) == {
        "counts": {"trades": 5, "spool_quotes_bytes": 70}, "started_at": "2026-03-02T14:00:00Z",
        "totals": {"trades": 5}, "since": "2026-03-02T14:00:00Z",
    }  # fmt: skip


def test_the_next_one_goes_on_from_what_was_stored() -> None:
    first = FeedTally.going_on({}, "alpaca", MONDAY).as_json({"trades": 5, "jump": 1})
    second = FeedTally.going_on({"live_feed": "alpaca", **first}, "alpaca", TUESDAY).as_json({"trades": 2, "quotes": 3})
    third = FeedTally.going_on({"live_feed": "alpaca", **second}, "alpaca", FRIDAY)
    assert third.totals({"trades": 1}) == {"trades": 8, "jump": 1, "quotes": 3}
    assert (third.started_at, third.since) == (FRIDAY, MONDAY)


def test_another_feed_begins_anew() -> None:
    stored = FeedTally.going_on({}, "alpaca", MONDAY).as_json({"trades": 5})
    assert FeedTally.going_on({"live_feed": "alpaca", **stored}, "iqfeed", TUESDAY) == FeedTally(TUESDAY, TUESDAY)
