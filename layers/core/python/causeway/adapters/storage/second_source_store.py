"""What a bar is judged by besides itself: the stored bars around it, and bars of other providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from causeway.adapters.storage.database import Row, Transaction
from causeway.adapters.storage.packed_bars import unpack
from causeway.adapters.storage.quarantined_bars import fetched_between
from causeway.market_data.fetch_plan import Span
from causeway.market_data.normalizer import FIELDS
from causeway.market_data.quarantined import among
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros, moment


def keep_bars(transaction: Transaction, symbol: str, bar_size: BarSize, source: str, bars: BarColumns) -> None:
    """Keep bars of a provider beside the stored ones; bars that are kept and differ are replaced."""
    transaction.run(
        "second_source_put",
        symbol=symbol,
        bar_size=bar_size.value,
        source=source,
        time=[moment(one) for one in bars.time_us.tolist()],
        **{name: getattr(bars, name).tolist() for name in FIELDS},
    )


def kept_bars(transaction: Transaction, key: Row) -> dict[str, BarColumns]:
    """Kept bars by provider; ``key`` has instrument_id, bar_size, start and end."""
    return {row["source"]: unpack(row["bars"]) for row in transaction.binary("second_source_read", **key)}


def unchecked_bars(
    transaction: Transaction, symbol: str, bar_size: BarSize, source: str, span: Span, most: int
) -> BarColumns:
    """The last ``most`` stored bars of ``span`` that ``source`` did not bring and of which no bar of it is kept."""
    rows = transaction.all(
        "second_source_unchecked",
        symbol=symbol,
        bar_size=bar_size.value,
        source=source,
        start=span.start,
        before=span.end,
        most=most,
    )
    return _columns(rows[::-1])


def own_bars(transaction: Transaction, symbol: str, bar_size: BarSize, source: str, span: Span) -> int:
    """How many stored bars of ``span`` came from ``source``."""
    key = {"symbol": symbol, "bar_size": bar_size.value, "source": source, "start": span.start, "end": span.end}
    return int(transaction.all("second_source_own", **key)[0]["bars"])


def neighbours(
    transaction: Transaction, user_id: UUID, symbol: str, span: tuple[int, int], bar_size: BarSize, most: int
) -> tuple[BarColumns, BarColumns]:
    """At most ``most`` bars before the first and after the last moment of ``span`` (microseconds), ascending.

    None where the symbol is new.

    Stored ones, and the user's in quarantine that a fetch brought: what was found wrong yesterday explains what is next
    to it today, as if both had come at once.
    """
    first, last = moment(span[0]), moment(span[1])
    meant = transaction.one("market_data_resolve", symbols=[symbol], at=first)
    if meant is None:
        return BarColumns.together([]), BarColumns.together([])
    start, end = first - _reach(bar_size), last + _reach(bar_size)
    key = {"instrument_id": meant["id"], "bar_size": bar_size.value, "most": most}
    before = transaction.all("neighbours_before", **key, time=first, earliest=start)
    after = transaction.all("neighbours_after", **key, time=last, latest=end)
    flawed = fetched_between(transaction, user_id, symbol, bar_size, start, end)
    return (
        among(_columns(before[::-1]), [one for one in flawed if one.bar.time < first])[0].rows(slice(-most, None)),
        among(_columns(after), [one for one in flawed if one.bar.time > last])[0].rows(slice(0, most)),
    )


def _reach(bar_size: BarSize) -> timedelta:
    """What lies further off is no neighbour."""
    return timedelta(days=450) if bar_size is BarSize.DAY_1 else timedelta(days=10)


def _columns(rows: Sequence[Row]) -> BarColumns:
    times = np.array([micros(row["time"]) for row in rows], dtype=np.int64)
    values = np.array([[row[name] for name in FIELDS] for row in rows], dtype=np.float64).reshape(-1, len(FIELDS))
    return BarColumns(times, *values.T)
