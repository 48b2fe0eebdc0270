"""Bars that are stored already, held against other providers: whoever asks for a check means those too."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.errors import CausewayError
from causeway.market_data.fetch_plan import Span
from causeway.market_data.fetch_turn import Known
from causeway.market_data.judged_blocks import BLOCK_BARS
from causeway.market_data.second_source import compare
from causeway.model.bar import BarColumns
from causeway.model.time import moment
from causeway.ports.feed import BarPage, HistoricalFeed
from containers.ingest.second_opinion import SecondOpinion, its_own
from containers.ingest.tables import Runs


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """Nothing of what is stored changes; the others' bars are kept, and a quality report names what differs.

    A bar is asked about once: where a provider's bar is kept, it is not asked for again.
    """

    runs: Runs
    opinion: SecondOpinion

    def run(self, symbol: str, wanted: Span, known: Known, notes: list[str]) -> None:
        """Every provider in turn; a note of each that had something to say, or why it could not.

        Raises:
            FetchCancelled: the caller wants no more.
        """
        for name, feed in self.opinion.feeds.items():
            if any(note.startswith(f"not checked against {name}:") for note in notes):
                continue  # it failed a moment ago
            checked, differing, why = self._against(symbol, wanted, known, name, feed)
            if checked:
                notes.append(_said(symbol, name, checked, differing))
            if why:
                notes.append(why)
            own = self.runs.own_bars(symbol, self.opinion.spec.bar_size, name, wanted)
            if own and its_own(name) not in notes:
                notes.append(f"{own:,} stored {its_own(name)}")

    def _against(
        self, symbol: str, wanted: Span, known: Known, name: str, feed: HistoricalFeed
    ) -> tuple[int, int, str]:
        """How many bars were compared and differ, latest first, and why others were not."""
        size = self.opinion.spec.bar_size
        checked = differing = 0
        before = wanted.end
        while len(mine := self.runs.unchecked(symbol, size, name, Span(wanted.start, before), BLOCK_BARS)):
            before = moment(int(mine.time_us[0]))
            try:
                page = BarPage(mine, before, currency=known.currency)
                theirs = self.opinion.bars(symbol, page, feed, known.calendar)
            except CausewayError as error:
                return (
                    checked,
                    differing,
                    f"stored bars up to {_last(mine)} not checked against {name}: {error.message}",
                )
            self.runs.keep_others(symbol, size, name, theirs)
            checked, differing = checked + len(theirs), differing + len(compare(mine, theirs))
        return checked, differing, ""


def _last(bars: BarColumns) -> str:
    return f"{moment(int(bars.time_us[-1])):%Y-%m-%d}"


def _said(symbol: str, name: str, checked: int, differing: int) -> str:
    said = f"{checked:,} stored bar{'' if checked == 1 else 's'} checked against {name}"
    if not differing:
        return f"{said}: none has other prices"
    have = "has" if differing == 1 else "have"
    return f"{said}: {differing:,} {have} other prices, see causeway quality {symbol} --against {name}"
