"""The quality report, on made bars over a half day."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime

import numpy as np
import pytest

from causeway.market_data.gaps import expected_starts
from causeway.market_data.quality import Comparison, GapRange, QualityFacts, build_quality_report
from causeway.market_data.schedule import Schedule, exchange_schedule
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.model.time import BarSize, micros
from tests.unit.market_data.test_series_checks import action, after, scaled, walked

ZONE = "America/New_York"


def us(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture(scope="module")
def thanksgiving() -> Schedule:
    return exchange_schedule("XNYS", date(2023, 11, 21), date(2023, 11, 28))


def minutes(schedule: Schedule) -> BarColumns:
    starts, _ = expected_starts(schedule, BarSize.MINUTE_1, ZONE)
    made = walked(len(starts), move=0.0005)
    return BarColumns(starts, made.open, made.high, made.low, made.close, made.volume)


def facts(
    bars: BarColumns, schedule: Schedule, bar_size: BarSize, start: str, end: str, **more: object
) -> QualityFacts:
    return QualityFacts("AAPL", bar_size, us(start), us(end), bars, schedule, "XNYS", ZONE, **more)  # type: ignore[arg-type]


def test_coverage_and_gaps_of_minutes(thanksgiving: Schedule) -> None:
    """22 November is whole, the half day of the 24th lacks 10 minutes, the 27th is missing."""
    every = minutes(thanksgiving)
    mine = (every.time_us >= us("2023-11-22")) & (every.time_us < us("2023-11-25"))
    hole = (every.time_us >= us("2023-11-24T15:00")) & (every.time_us < us("2023-11-24T15:10"))
    bars = every.rows(mine & ~hole)
    report = build_quality_report(facts(bars, thanksgiving, BarSize.MINUTE_1, "2023-11-22", "2023-11-28"))
    assert (report.bars, report.expected_bars, report.missing_bars) == (590, 390 + 210 + 390, 400)
    assert (report.sessions, report.sessions_without_bars, report.bars_outside_sessions) == (3, 1, 0)
    assert report.gaps == (
        GapRange("2023-11-24T15:00:00Z", "2023-11-24T15:09:00Z", 10, 0),
        GapRange("2023-11-27T14:30:00Z", "2023-11-27T20:59:00Z", 390, 1),
    )
    assert report.coverage.days == ("2023-11-22", "2023-11-24", "2023-11-27")
    assert (report.coverage.expected, report.coverage.held) == ((390, 210, 390), (390, 200, 0))
    within, whole = sorted(report.findings, key=lambda one: one.code)
    assert (within.code, within.rows, within.ranges) == ("missing_bars", 10, report.gaps[:1])
    assert (whole.code, whole.rows, whole.ranges) == ("missing_sessions", 1, report.gaps[1:])
    assert whole.rows == report.sessions_without_bars
    assert within.example == "10 1m bars, 2023-11-24T15:00:00Z to 2023-11-24T15:09:00Z"


def test_findings_are_counted_by_code_with_their_moments() -> None:
    schedule = exchange_schedule("24/7", date(2023, 12, 31), date(2024, 4, 1))
    bars = scaled(walked(), np.where(after(30) & ~after(33), 100.0, 1.0))
    bars.close[50] = bars.high[50] * 1.001
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[60:65] = column[60]
    report = build_quality_report(
        facts(
            bars, schedule, BarSize.DAY_1, "2024-01-01", "2024-03-21", quarantined={"spike": 2}, sources={"yahoo": 80}
        )
    )
    found = {one.code: one for one in report.findings}
    assert found["unit_error"].rows == 3
    assert found["unit_error"].at == ("2024-01-31T00:00:00Z", "2024-02-01T00:00:00Z", "2024-02-02T00:00:00Z")
    assert found["close_outside_range"].first == "2024-02-20T00:00:00Z"
    assert (found["stale_run"].severity, found["stale_run"].rows) == ("warning", 4)
    assert [one.severity for one in report.findings] == sorted(one.severity for one in report.findings)
    assert report.stale_runs == (GapRange("2024-03-01T00:00:00Z", "2024-03-05T00:00:00Z", 5, 0),)
    assert (report.quarantined, report.sources) == ({"spike": 2}, {"yahoo": 80})
    assert (report.missing_bars, report.gaps) == (0, ())


def test_a_recorded_split_explains_a_move_and_an_adjusted_series_shows() -> None:
    schedule = exchange_schedule("24/7", date(2023, 12, 31), date(2024, 4, 1))
    split = [action(ActionKind.SPLIT, 40, 4)]

    def codes(bars: BarColumns) -> set[str]:
        made = facts(bars, schedule, BarSize.DAY_1, "2024-01-01", "2024-03-21", actions=split)
        return {one.code for one in build_quality_report(made).findings}

    assert codes(scaled(walked(), np.where(after(40), 1.0, 4.0), np.where(after(40), 1.0, 0.25))) == set()
    assert "split_applied_twice" in codes(walked())


def test_nothing_stored_is_one_gap(thanksgiving: Schedule) -> None:
    empty = minutes(thanksgiving).rows(np.array([], dtype=np.int64))
    report = build_quality_report(facts(empty, thanksgiving, BarSize.DAY_1, "2023-11-22", "2023-11-28"))
    assert report.gaps == (GapRange("2023-11-22T00:00:00Z", "2023-11-27T00:00:00Z", 3, 3),)
    [missing] = report.findings
    assert (missing.code, missing.rows, missing.ranges) == ("missing_sessions", 3, report.gaps)
    assert json.loads(json.dumps(report.as_json()))["coverage"]["held"] == [0, 0, 0]


def test_bars_of_extended_hours_lie_outside_the_sessions(thanksgiving: Schedule) -> None:
    every = minutes(thanksgiving)
    early = BarColumns(every.time_us - 3_600_000_000, every.open, every.high, every.low, every.close, every.volume)
    first = early.rows(np.arange(100))
    report = build_quality_report(facts(first, thanksgiving, BarSize.MINUTE_1, "2023-11-21", "2023-11-22"))
    assert (report.bars_outside_sessions, report.missing_bars) == (60, 350)


def test_every_gap_of_the_picture_is_in_a_finding(thanksgiving: Schedule) -> None:
    """Whatever is taken away: sessions without bars and bars that are missing add up to the gaps."""
    every = minutes(thanksgiving)
    random = np.random.default_rng(0)
    for share in (0.001, 0.01, 0.3, 0.999):
        bars = every.rows(random.random(len(every)) >= share)
        report = build_quality_report(facts(bars, thanksgiving, BarSize.MINUTE_1, "2023-11-21", "2023-11-29"))
        found = {one.code: one for one in report.findings}
        missing = {code: found[code].rows if code in found else 0 for code in ("missing_bars", "missing_sessions")}
        assert missing["missing_sessions"] == report.sessions_without_bars
        assert missing["missing_bars"] == sum(one.bars for one in report.gaps if not one.sessions)
        assert report.gaps_left_off == 0


def test_a_dividend_that_stands_twice_and_one_that_shows_in_no_price() -> None:
    schedule = exchange_schedule("24/7", date(2023, 12, 31), date(2024, 4, 1))
    paid = [action(ActionKind.DIVIDEND, row, 0.2) for row in (20, 23)] + [action(ActionKind.DIVIDEND, 50, 20)]
    made = facts(walked(), schedule, BarSize.DAY_1, "2024-01-01", "2024-03-21", actions=paid)
    found = {one.code: one.at for one in build_quality_report(made).findings}
    assert found == {
        "duplicate_dividend": ("2024-01-24T00:00:00Z",), "dividend_not_in_price": ("2024-02-20T00:00:00Z",),
        "dividend_unit": ("2024-02-20T00:00:00Z",),
    }  # fmt: skip


def test_another_source_contradicts_and_a_third_one_settles() -> None:
    schedule = exchange_schedule("24/7", date(2023, 12, 31), date(2024, 4, 1))
    right, wrong = walked(), walked()
    wrong.close[30] = wrong.low[30]
    wrong.low[40] *= 0.99
    third = right.rows(np.arange(len(right)) <= 35)

    def report(**others: BarColumns) -> tuple[dict[str, tuple[str, ...]], object]:
        made = facts(wrong, schedule, BarSize.DAY_1, "2024-01-01", "2024-03-21", others=others)
        found = build_quality_report(made)
        return {one.code: one.at for one in found.findings}, found.compared

    at = ("2024-01-31T00:00:00Z", "2024-02-10T00:00:00Z")
    assert report(alpha=right) == ({"sources_differ": at}, (Comparison("alpha", 80, 2),))
    found, compared = report(alpha=right, beta=third)
    assert found == {"contradicted": at[:1], "sources_differ": at[1:]}
    assert compared == (Comparison("alpha", 80, 2), Comparison("beta", 36, 1))


@pytest.mark.parametrize(
    ("bar_size", "first", "last"),
    [(BarSize.DAY_1, date(2014, 1, 2), date(2023, 12, 29)), (BarSize.MINUTE_1, date(2023, 11, 1), date(2023, 11, 30))],
)
def test_ten_years_of_days_and_a_month_of_minutes_take_under_a_second_of_processor_time(
    bar_size: BarSize, first: date, last: date
) -> None:
    """Measured: 0.02 and 0.05 s. Without a cache, so that a report is never old."""
    schedule = exchange_schedule("XNYS", first, last)
    starts, _ = expected_starts(schedule, bar_size, ZONE)
    made = walked(len(starts), move=0.001)
    bars = BarColumns.of(starts, made.prices(), made.volume)
    began = time.process_time()
    report = build_quality_report(facts(bars, schedule, bar_size, first.isoformat(), f"{last}T23:59:00"))
    assert time.process_time() - began < 1.0
    assert (report.bars, report.missing_bars) == (len(starts), 0)
