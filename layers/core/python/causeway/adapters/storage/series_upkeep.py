"""What keeps the series in shape: partitions ahead of time, retention, rollups, order. Safe anywhere, at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from causeway.adapters.storage.bar_loading import note_change
from causeway.adapters.storage.database import Database
from causeway.model.time import BarSize, now_utc

_INSTRUMENTS_AT_ONCE = 20  # their rows are locked while their hours are rolled up, or their bars moved


class SeriesUpkeep:
    """As a member of ``causeway_service``. ``retention_days`` by bar size; a size without an entry is kept for ever."""

    def __init__(self, database: Database, retention_days: Mapping[BarSize, int]) -> None:
        self._database = database
        self._retention = {size: timedelta(days=days) for size, days in retention_days.items()}

    def ensure_ahead(self) -> int:
        """Make the partitions of the year to come; how many were made. TimescaleDB makes its own."""
        with self._database.transaction() as transaction:
            (row,) = transaction.all("bars_ensure_ahead")
        return int(row["made"])

    def drop_expired(self) -> dict[BarSize, int]:
        """Remove bars of UTC days that are older than their retention; how many, by bar size."""
        removed = {}
        today = now_utc().replace(hour=0, minute=0, second=0, microsecond=0)
        for bar_size, kept in self._retention.items():
            with self._database.transaction() as transaction:
                held = transaction.all("bars_instruments_of", bar_size=bar_size.value)
                (row,) = transaction.all("bars_drop_before", moment=today - kept, bar_size=bar_size.value)
                if row["removed"]:
                    note_change(transaction, bar_size, [one["instrument_id"] for one in held])
            removed[bar_size] = int(row["removed"])
        return removed

    def refresh_rollups(self) -> None:
        """Bring the kept hours up to date, a few instruments to a transaction. Reads are right before and after."""
        remaining = -1
        while remaining:
            before = remaining
            with self._database.transaction() as transaction:
                (row,) = transaction.all("bars_refresh_rollups", most=_INSTRUMENTS_AT_ONCE)
            remaining = int(row["remaining"])
            if remaining == before:  # as many came as went: the next run goes on
                return

    def put_in_order(self, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Move the bars of finished days that a live feed stored, so that those of an instrument lie together.

        A feed stores a minute of every symbol, then the next: bars of one symbol lie on as many pages as there are, and
        afterwards on as few as hold them. A few instruments to a transaction, until no day is left or ``should_stop``.
        """
        while not should_stop():
            with self._database.transaction() as transaction:
                (row,) = transaction.all("bars_put_in_order", most=_INSTRUMENTS_AT_ONCE)
            if not row["remaining"]:
                return
