"""What a bar is judged by besides itself: the stored bars around it, and bars of other providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from causeway.adapters.storage.database import Row, Transaction
from causeway.adapters.storage.packed_bars import unpack
from causeway.market_data.normalizer import FIELDS
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros, moment

_REACH = {BarSize.DAY_1: timedelta(days=450)}  # what lies further off is no neighbour
_INTRADAY_REACH = timedelta(days=10)


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


def neighbours(
    transaction: Transaction, instrument_id: int, bars: BarColumns, bar_size: BarSize, most: int
) -> tuple[BarColumns, BarColumns]:
    """At most ``most`` stored bars before the first and after the last of ``bars``, which are some, ascending."""
    first, last = moment(int(bars.time_us[0])), moment(int(bars.time_us[-1]))
    reach = _REACH.get(bar_size, _INTRADAY_REACH)
    key = {"instrument_id": instrument_id, "bar_size": bar_size.value, "most": most}
    before = transaction.all("neighbours_before", **key, time=first, earliest=first - reach)
    after = transaction.all("neighbours_after", **key, time=last, latest=last + reach)
    return _columns(before[::-1]), _columns(after)


def _columns(rows: Sequence[Row]) -> BarColumns:
    times = np.array([micros(row["time"]) for row in rows], dtype=np.int64)
    values = np.array([[row[name] for name in FIELDS] for row in rows], dtype=np.float64).reshape(-1, len(FIELDS))
    return BarColumns(times, *values.T)
