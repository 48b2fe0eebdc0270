"""What a file's symbols are stored as, held against what its form says of them, before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.storage.database import Database, Row
from causeway.adapters.storage.intake import listing_of_new
from causeway.market_data.exchanges import Listing, check_stored
from causeway.market_data.ingestion import CheckedRows, IngestionRequest
from causeway.market_data.page_checks import check_currency
from causeway.model.time import now_utc


@dataclass(slots=True)
class FileListings:
    """Of one file. ``stored`` is filled once the symbols are known."""

    database: Database
    request: IngestionRequest
    stored: dict[str, Row] = field(default_factory=dict)

    def calendars(self, symbols: Sequence[str]) -> Mapping[str, str]:
        """The calendar of each symbol: as stored, or as it will be.

        Raises:
            InvalidInput: an exchange was named, and is not known, or a symbol is stored with another.
        """
        self._look_up(symbols)
        new = {name: listing_of_new(name, self.request).calendar for name in symbols if name not in self.stored}
        return {**{name: row["calendar"] for name, row in self.stored.items()}, **new}

    def check(self, checked: CheckedRows) -> CheckedRows:
        """Without the rows of symbols that are stored with another currency than the one that was named.

        Raises:
            InvalidInput: as ``calendars``.
        """
        parsed, request = checked.parsed, self.request
        self._look_up([name for name in parsed.symbols if name])
        for at, name in enumerate(parsed.symbols):
            stored = self.stored.get(name, {})
            if stored:
                check_stored(name, Listing(stored["exchange"], stored["calendar"]), request.exchange)
            rows = _rows_of(parsed.symbol_id, at)
            check_currency(request.currency, stored.get("currency", ""), rows=rows, findings=checked.findings)
        return checked.judged_again()

    def _look_up(self, symbols: Sequence[str]) -> None:
        if missing := [name for name in symbols if name not in self.stored]:
            with self.database.transaction() as transaction:
                rows = transaction.all("market_data_resolve", symbols=missing, at=now_utc())
            self.stored.update({row["symbol"]: row for row in rows})


def _rows_of(symbol_id: NDArray[np.int32], at: int) -> Iterator[int]:
    """Looked for only if they are asked for: a file may have many symbols."""
    yield from np.flatnonzero(symbol_id == at).tolist()
