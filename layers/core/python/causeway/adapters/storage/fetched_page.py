"""Storing one page of a provider: checked bars, their ingestion, quarantine and the pointer, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Row, Transaction
from causeway.adapters.storage.fetch_ingestions import ingestion_of
from causeway.adapters.storage.intake import Counts, Intake
from causeway.adapters.storage.second_source_store import keep_bars
from causeway.adapters.storage.untimed_rows import findings_of, new_rows
from causeway.market_data.columns import map_columns
from causeway.market_data.fetch_turn import Page, TurnOver
from causeway.market_data.findings import CODES, Finding, summarise
from causeway.market_data.ingestion import CheckedRows
from causeway.market_data.normalizer import FIELDS
from causeway.model.time import BarSize, isoformat_z, moment

HEADER = ("time", *FIELDS)
_NUMBERS = ("read", "inserted", "updated", "unchanged", "quarantined")


@dataclass(frozen=True, slots=True)
class PageTable:
    """A checked page as rows of text, for quarantine."""

    checked: CheckedRows
    path: Path = Path()
    header: tuple[str, ...] = HEADER

    def rows(self, only: Collection[int] | None = None) -> Iterable[tuple[int, list[str]]]:
        for at, number in enumerate(self.checked.parsed.row_number.tolist()):
            if only is None or number in only:
                values = [repr(value) for value in self.checked.parsed.values[at].tolist()]
                yield number, [isoformat_z(moment(self.checked.time_us[at])), *values]


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page on its way into the database."""

    page: Page

    def store(self, transaction: Transaction) -> None:
        """Within the caller's transaction.

        Raises:
            TurnOver: the symbol's fetch is another runner's by now, or has ended.
        """
        page = self.page
        mapping = map_columns(HEADER, symbol=page.symbol)
        ingestion_id = ingestion_of(page.job_id, page.request.source)
        intake = Intake(ingestion_id, page.user_id, PageTable(page.checked), mapping, page.request, page.checked)
        untimed = new_rows(transaction, page.user_id, page.symbol, page.checked.bar_size, page.untimed)
        numbers = self._numbers(intake.store_bars(transaction), len(untimed))
        for source, bars in page.others.items():
            keep_bars(transaction, page.symbol, page.checked.bar_size, source, bars)
        self._move(transaction, numbers)
        part = IngestionPart(
            page.job_id, page.user_id, page.request.source, page.request.filename, page.checked.bar_size
        )
        found = [*page.checked.findings.by_row.values(), *self._hole_findings(), *map(findings_of, untimed)]
        part.add(transaction, found, numbers)
        intake.store_quarantine(transaction)
        if untimed:
            part.quarantine(transaction, untimed)

    def _numbers(self, counts: Counts, untimed: int) -> dict[str, int]:
        return {
            "read": len(self.page.checked.parsed) + untimed,
            "inserted": counts.inserted,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "quarantined": len(self.page.checked.findings.error_rows()) + untimed,
        }

    def _move(self, transaction: Transaction, numbers: dict[str, int]) -> None:
        moved = transaction.one(
            "fetch_page_stored",
            job_id=self.page.job_id,
            symbol=self.page.symbol,
            runner=self.page.runner,
            expected=self.page.expected,
            resume=self.page.resume,
            holes=len(self.page.holes),
            source=self.page.request.source,
            first_bar=self._edge(0),
            last_bar=self._edge(-1),
            **numbers,
        )
        if moved is None:
            raise TurnOver(f"{self.page.symbol} of fetch {self.page.job_id} is no longer fetched by {self.page.runner}")

    def _edge(self, at: int) -> datetime | None:
        times = self.page.checked.time_us
        return moment(int(times[at])) if len(times) else None

    def _hole_findings(self) -> list[list[Finding]]:
        return [
            [Finding("hole", f"{self.page.symbol}: {self.page.request.source} lists {isoformat_z(one)} without values")]
            for one in self.page.holes
        ]


@dataclass(frozen=True, slots=True)
class IngestionPart:
    """What is added to the one ingestion that a fetch has for each provider."""

    job_id: UUID
    user_id: UUID
    source: str
    filename: str
    bar_size: BarSize

    def add(self, transaction: Transaction, findings: Iterable[Iterable[Finding]], numbers: Mapping[str, int]) -> None:
        """Findings by row, and counts: read, inserted, updated, unchanged, quarantined, 0 where left out."""
        from psycopg.types.json import Jsonb

        ingestion_id = ingestion_of(self.job_id, self.source)
        before = transaction.one("fetch_ingestion_findings", id=ingestion_id)
        transaction.run(
            "fetch_ingestion_add",
            id=ingestion_id,
            job_id=self.job_id,
            user_id=self.user_id,
            source=self.source,
            filename=self.filename,
            bar_size=self.bar_size.value,
            findings=Jsonb(add_findings(before["findings"] if before else [], summarise(findings))),
            **{name: numbers.get(name, 0) for name in _NUMBERS},
        )

    def quarantine(self, transaction: Transaction, rows: Sequence[Row]) -> None:
        """Keep flawed rows with this ingestion, which is stored."""
        from psycopg.types.json import Jsonb

        transaction.run(
            "ingestions_quarantine",
            user_id=self.user_id,
            ingestion_id=ingestion_of(self.job_id, self.source),
            bar_size=self.bar_size.value,
            rows=Jsonb(list(rows)),
        )


def add_findings(before: Sequence[Row], more: Sequence[Row]) -> list[dict[str, Any]]:
    """Summaries of findings, added up by code; the first example stays. Errors first, then by count."""
    rows: dict[str, dict[str, Any]] = {one["code"]: dict(one) for one in before}
    for one in more:
        held = rows.setdefault(one["code"], {**one, "rows": 0})
        held["rows"] += one["rows"]
    return sorted(rows.values(), key=lambda one: (CODES[one["code"]][0].value, -one["rows"], one["code"]))
