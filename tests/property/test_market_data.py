"""What holds for any file: every row is accounted for, and no accepted value differs from what was written."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.market_data.written_times import NO_TIME, read_time
from causeway.model.time import BarSize
from tests.unit.market_data.rows import check

CELL = st.one_of(
    st.sampled_from(["", "NaN", "inf", "-1", "0", "1e400", "1_0", "x", "null", "12.5"]),
    st.floats(min_value=0.01, max_value=1e6).map(repr),
)
DAY = st.one_of(st.dates().map(str), st.sampled_from(["", "2024-01-02", "2024-01-03", "someday", "9999-12-31"]))
ROW = st.tuples(st.sampled_from(["AAPL", "msft ", "", "a b"]), DAY, CELL, CELL, CELL, CELL, CELL)


@given(st.lists(ROW, min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_every_row_is_accepted_or_a_repeat_or_quarantined(rows: list[tuple[str, ...]]) -> None:
    rows = [("GOOG", "2024-01-02", "1", "1", "1", "1", "1"), *rows]  # a file without any readable time is refused whole
    checked = check(rows, bar_size=BarSize.DAY_1)
    accepted, repeats = set(checked.accepted.tolist()), set(checked.repeats.tolist())
    quarantined = set(checked.findings.error_rows())
    assert accepted | repeats | quarantined == set(range(len(rows)))
    assert len(accepted) + len(repeats) + len(quarantined) == len(rows)
    for row in accepted:
        written = [float(cell) for cell in rows[row][2:]]
        assert checked.parsed.values[row].tolist() == written
        opening, high, low, close, volume = written
        assert 0 < low <= min(opening, close) <= max(opening, close) <= high < math.inf
        assert volume >= 0


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_is_not(text: str) -> None:
    wall, offset = read_time(text)
    assert (wall == NO_TIME) <= (offset == NO_TIME)


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)))  # noqa: DTZ001 - wall times
def test_times_are_read_to_the_microsecond(moment: datetime) -> None:
    wall, offset = read_time(moment.isoformat())
    assert datetime(1970, 1, 1) + timedelta(microseconds=wall) == moment  # noqa: DTZ001 - wall times on both sides
    assert offset == NO_TIME
