"""Split-adjusted prices back to prices as traded, on the tick where the source was precise enough to say which."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import midnight_us
from causeway.market_data.price_basis import half_step
from causeway.market_data.sessions import time_zone
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize
from causeway.ports.feed import PriceBasis

_FLOAT32 = 2.0**-23  # Yahoo's prices pass through single precision


def undo_splits(
    bars: BarColumns, actions: Sequence[CorporateAction], *, tick: Decimal = Decimal("0.01"), zone: str = "UTC"
) -> BarColumns:
    """Prices times the shares of every later split, volume divided by them; dividends are no part of this basis.

    A price within the source's own rounding of exactly one multiple of ``tick`` becomes that multiple, and so does a
    volume that comes within 1e-6 of a whole number. ``zone`` is where ex-dates begin.
    """
    factor = np.ones(len(bars))
    for action in actions:
        if action.kind is ActionKind.SPLIT:
            factor[: int(np.searchsorted(bars.time_us, midnight_us(action.ex_date, zone)))] *= float(action.value)
    if (factor == 1).all():
        return bars
    prices = bars.prices()
    raw = prices * factor[:, None]
    open_by = half_step(prices) * factor[:, None] + _FLOAT32 * raw
    raw = np.where(factor[:, None] == 1, prices, _on_tick(raw, open_by, tick))
    volume = bars.volume / factor
    whole = np.rint(volume)
    volume = np.where(np.abs(volume - whole) <= 1e-6 * np.maximum(whole, 1), whole, volume)
    return BarColumns.of(bars.time_us, raw, volume)


def as_traded(
    bars: BarColumns, basis: PriceBasis, splits: Sequence[CorporateAction], bar_size: BarSize, calendar: str
) -> BarColumns:
    """What a provider handed over, as traded. ``calendar`` says where ex-dates of intraday bars begin."""
    if basis is PriceBasis.RAW:
        return bars
    return undo_splits(bars, splits, zone="UTC" if bar_size is BarSize.DAY_1 else time_zone(calendar))


def _on_tick(raw: NDArray[np.float64], open_by: NDArray[np.float64], tick: Decimal) -> NDArray[np.float64]:
    """``open_by`` is how far off the true price may be; where that spans more than one tick, nothing is known."""
    per_unit = float(1 / tick)
    nearest = np.rint(raw * per_unit) / per_unit
    known = (np.abs(nearest - raw) <= open_by) & (open_by < float(tick) / 2)
    return np.where(known, nearest, raw)
