"""What is found in fetched bars depends on the bars, and not on where a provider cut its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.market_data.ingestion import CheckOptions
from causeway.market_data.judged_blocks import BLOCK_BARS, NEIGHBOURS, cut_anew
from causeway.market_data.page_checks import check_page
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, moment
from causeway.ports.feed import BarPage
from tests.unit.market_data.rows import every_weekday
from tests.unit.market_data.test_series_checks import walked

N_BARS = 160
NOW = datetime(2030, 1, 1, tzinfo=UTC)
OPTIONS = CheckOptions(NOW, BarSize.DAY_1)
Found = dict[int, list[str]]


def spike(bars: BarColumns, row: int) -> None:
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[row] *= 1.4


def hundredfold(bars: BarColumns, row: int) -> None:
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[row : row + 3] *= 100


def standing_still(bars: BarColumns, row: int) -> None:
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[row : row + 6] = column[row]


def repeated(bars: BarColumns, row: int) -> None:
    """A vendor filled a day with the bar of four days later."""
    for column in (bars.open, bars.high, bars.low, bars.close, bars.volume):
        column[row] = column[row + 4]


def torn(bars: BarColumns, row: int) -> None:
    bars.high[row] = bars.low[row] / 2


def busy(bars: BarColumns, row: int) -> None:
    bars.volume[row] *= 500


FLAWS: list[Callable[[BarColumns, int], None]] = [spike, hundredfold, standing_still, repeated, torn, busy]


def flawed(flaws: Sequence[tuple[int, int]], seed: int) -> BarColumns:
    bars = walked(N_BARS, seed=seed)
    copied = BarColumns.of(bars.time_us, bars.prices(), bars.volume.copy())
    for which, row in flaws:
        FLAWS[which](copied, row)
    return copied


def pages_of(bars: BarColumns, sizes: Sequence[int]) -> Iterator[BarPage]:
    """Pages of these sizes, the last one with what is left."""
    edges = np.minimum(np.cumsum([0, *sizes, N_BARS]), N_BARS)
    for first, end in pairwise(edges.tolist()):
        resume = moment(int(bars.time_us[end])) if end < N_BARS else moment(int(bars.time_us[-1])) + timedelta(days=1)
        yield BarPage(bars.rows(slice(first, end)), resume, currency="USD", source="made")


def judged(pages: Iterator[BarPage], block_bars: int) -> Found:
    """Codes by time of a fetch that judges block by block, among what it stored or quarantined before."""
    seen = BarColumns.together([])
    found: Found = {}
    for block in cut_anew(pages, size=block_bars):
        bars = block.page.bars
        around = (seen.rows(slice(-NEIGHBOURS, None)), block.after)
        checked = check_page(
            "MADE", bars, BarSize.DAY_1, OPTIONS, every_weekday, around=around, others={}, currencies=("USD", "USD")
        )
        for row, whats in checked.findings.by_row.items():
            found[int(bars.time_us[row])] = sorted({one.code for one in whats} - {"not_a_session"})
        seen = BarColumns.together([seen, bars])
    return {at: codes for at, codes in found.items() if codes}


@given(
    st.lists(st.tuples(st.integers(0, len(FLAWS) - 1), st.integers(0, N_BARS - 10)), max_size=4),
    st.lists(st.integers(0, 60), max_size=20),
    st.sampled_from([25, 40, BLOCK_BARS]),
    st.integers(0, 5),
)
@settings(max_examples=80, deadline=None)
def test_findings_do_not_depend_on_the_pages(
    flaws: list[tuple[int, int]], sizes: list[int], block_bars: int, seed: int
) -> None:
    bars = flawed(flaws, seed)
    assert judged(pages_of(bars, sizes), block_bars) == judged(pages_of(bars, []), block_bars)


@given(st.integers(0, len(FLAWS) - 1), st.integers(15, N_BARS - 20), st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_a_flaw_at_the_border_of_a_block_is_seen_as_within_one(which: int, row: int, seed: int) -> None:
    bars = flawed([(which, row)], seed)
    whole = judged(pages_of(bars, []), BLOCK_BARS)
    assert whole
    assert judged(pages_of(bars, []), 40) == whole


def test_pages_lose_and_double_nothing() -> None:
    bars = walked(N_BARS)
    holes = tuple(moment(int(at)) + timedelta(hours=1) for at in bars.time_us[[0, 39, 40, 159]])
    pages = [*pages_of(bars, [7, 0, 90])]
    pages[-1] = BarPage(pages[-1].bars, pages[-1].resume, currency="USD", source="made", holes=holes[2:])
    pages[0] = BarPage(pages[0].bars, pages[0].resume, currency="USD", source="made", holes=holes[:2])
    blocks = [block.page for block in cut_anew(pages, size=40)]
    assert np.concatenate([one.bars.time_us for one in blocks]).tolist() == bars.time_us.tolist()
    assert [len(one.bars) for one in blocks] == [40] * 4
    assert [hole for one in blocks for hole in one.holes] == list(holes)
    assert [one.resume for one in blocks[:3]] == [moment(int(bars.time_us[at])) for at in (40, 80, 120)]
    assert blocks[3].resume == pages[-1].resume


@pytest.mark.parametrize("row", [39, 40, 41])
def test_bars_of_one_moment_are_in_one_block(row: int) -> None:
    """A bar that comes twice with different values is wrong both times: neither may be stored alone."""
    bars = walked(N_BARS)
    twice = BarColumns.together([bars.rows(slice(0, row)), bars.rows(slice(row - 1, N_BARS - 1))])
    twice.volume[row] += 1
    blocks = [block.page.bars.time_us for block in cut_anew(pages_of(twice, [row]), size=40)]
    assert np.concatenate(blocks).tolist() == twice.time_us.tolist()
    assert all(before[-1] < after[0] for before, after in pairwise(blocks))


def test_another_source_begins_a_block() -> None:
    first, second = pages_of(walked(N_BARS), [30])
    other = BarPage(second.bars, second.resume, currency="USD", source="other")
    assert [(block.page.source, len(block.page.bars)) for block in cut_anew([first, other])] == [
        ("made", 30), ("other", 130),
    ]  # fmt: skip


def test_what_came_before_a_failure_is_a_block() -> None:
    class FailedError(Exception):
        pass

    def failing() -> Iterator[BarPage]:
        yield next(pages_of(walked(N_BARS), [30]))
        raise FailedError

    blocks = cut_anew(failing(), kept_at=(FailedError,))
    assert len(next(blocks).page.bars) == 30
    with pytest.raises(FailedError):
        next(blocks)
