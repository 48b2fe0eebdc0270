"""A quality report from what is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from causeway.adapters.storage.quality_store import QualityStore
from causeway.errors import InvalidInput, NotFound
from causeway.market_data.quality import GapRange
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
# 2024-01-15 was no session; 2024-01-17 is missing; 2024-01-19 has a close above its high.
BARS = """symbol,date,open,high,low,close,volume
AAPL,2024-01-12,100,103,99,102,20
AAPL,2024-01-16,101,102,99,101,40
AAPL,2024-01-18,100,103,99,101.5,50
AAPL,2024-01-19,100,103,99,104,50
AAPL,2024-01-22,100,103,99,102.5,50
"""


@pytest.fixture
def store(databases: Databases, load: Callable[..., None]) -> QualityStore:
    load(BARS)
    return QualityStore(databases.app)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_from_the_first_bar_to_the_last(store: QualityStore, analyst: UUID) -> None:
    report = store.report(analyst, "aapl", BarSize.DAY_1)
    assert (report.start, report.end, report.calendar) == ("2024-01-12T00:00:00Z", "2024-01-23T00:00:00Z", "XNYS")
    assert (report.bars, report.expected_bars) == (4, 6)
    assert [one.first[:10] for one in report.gaps] == ["2024-01-17", "2024-01-19"]
    assert (report.quarantined, report.sources) == ({"close_outside_range": 1}, {"upload": 4})


def test_a_range_without_any_bar(store: QualityStore, analyst: UUID) -> None:
    report = store.report(analyst, "AAPL", BarSize.MINUTE_1, day("2024-01-12"), day("2024-01-13"))
    assert report.gaps == (GapRange("2024-01-12T14:30:00Z", "2024-01-12T20:59:00Z", 390, 1),)


def test_a_row_with_two_flaws_is_one_row(store: QualityStore, analyst: UUID, load: Callable[..., None]) -> None:
    # An open above the high and a close below the low.
    load("symbol,date,open,high,low,close,volume\nAAPL,2024-01-17,104,103,99,98,50\n")
    report = store.report(analyst, "AAPL", BarSize.DAY_1)
    assert report.quarantined == {"close_outside_range": 2, "open_outside_range": 1}
    assert report.quarantined_rows == 2


def test_a_range_after_the_last_bar_names_what_is_stored(store: QualityStore, analyst: UUID) -> None:
    stored = "4 are, from 2024-01-12T00:00:00Z to 2024-01-22T00:00:00Z"
    with pytest.raises(NotFound, match=f"for AAPL from 2024-02-01T00:00:00Z; {stored}"):
        store.report(analyst, "AAPL", BarSize.DAY_1, day("2024-02-01"))
    with pytest.raises(NotFound, match=f"for AAPL before 2024-01-02T00:00:00Z; {stored}"):
        store.report(analyst, "AAPL", BarSize.DAY_1, None, day("2024-01-02"))


def test_what_cannot_be_reported(store: QualityStore, analyst: UUID) -> None:
    with pytest.raises(NotFound, match="no bar of 1m"):
        store.report(analyst, "AAPL", BarSize.MINUTE_1)
    with pytest.raises(NotFound, match="AAPX"):
        store.report(analyst, "AAPX", BarSize.DAY_1)
    with pytest.raises(InvalidInput, match="end must be after start"):
        store.report(analyst, "AAPL", BarSize.DAY_1, day("2024-01-13"), day("2024-01-12"))
