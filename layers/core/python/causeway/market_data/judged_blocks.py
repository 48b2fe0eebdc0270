"""Pages of a provider cut anew into blocks, so that what is found does not depend on where a provider cuts.

A bar is judged by those around it. The pages of one source are put together and cut after every ``size`` bars, each
block with the bars that follow it; what is stored before it is for whoever judges to add.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from causeway.model.bar import BarColumns
from causeway.model.time import moment
from causeway.ports.feed import BarPage

BLOCK_BARS = 5000
NEIGHBOURS = 300  # as far as any check of single bars looks, on either side


@dataclass(frozen=True, slots=True)
class Block:
    """``page`` is what is judged and stored together; ``after`` are the bars behind it that were fetched already."""

    page: BarPage
    after: BarColumns


def cut_anew(
    pages: Iterable[BarPage],
    *,
    size: int = BLOCK_BARS,
    kept_at: tuple[type[Exception], ...] = (),
) -> Iterator[Block]:
    """Blocks of ``size`` bars of one source and currency, each once the bars behind it are known; the last one is what
    is left. Where the pages end with an error of ``kept_at``, what came before it makes a block first.
    """
    ahead = min(NEIGHBOURS, size)
    held: list[BarPage] = []
    try:
        for page in pages:
            if held and _origin(page) != _origin(held[0]):
                yield Block(_whole(held), BarColumns.together([]))
                held = []
            held.append(page)
            while sum(len(one.bars) for one in held) >= size + ahead:
                block, rest = _cut(_whole(held), size)
                yield Block(block, rest.bars.rows(slice(0, ahead)))
                held = [rest]
    except kept_at:
        if held:
            yield Block(_whole(held), BarColumns.together([]))
        raise
    if held:
        yield Block(_whole(held), BarColumns.together([]))


def _origin(page: BarPage) -> tuple[str, str]:
    return page.source, page.currency


def _whole(pages: Sequence[BarPage]) -> BarPage:
    if len(pages) == 1:
        return pages[0]
    holes = tuple(hole for page in pages for hole in page.holes)
    untimed = tuple(row for page in pages for row in page.untimed)
    return replace(pages[-1], bars=BarColumns.together([page.bars for page in pages]), holes=holes, untimed=untimed)


def _cut(page: BarPage, at: int) -> tuple[BarPage, BarPage]:
    """Before row ``at``, and from it on; bars of one moment stay together, in the rest."""
    at = _first_of_moment(page, at) or at
    border = moment(int(page.bars.time_us[at]))
    first = replace(
        page,
        bars=page.bars.rows(slice(0, at)),
        resume=border,
        holes=tuple(one for one in page.holes if one < border),
    )
    behind = tuple(one for one in page.holes if one >= border)
    rest = replace(page, bars=page.bars.rows(slice(at, None)), holes=behind, untimed=())
    return first, rest


def _first_of_moment(page: BarPage, at: int) -> int:
    time_us = page.bars.time_us
    while at > 0 and time_us[at - 1] == time_us[at]:
        at -= 1
    return at
