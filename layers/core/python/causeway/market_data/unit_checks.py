"""Prices 10, 100, 1,000 or 10,000 times too high or too low: stretches, and single prices within a bar."""

from __future__ import annotations

from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import times_unit, unit_stretches, whole_levels
from causeway.market_data.single_prices import single_prices
from causeway.model.bar import BarColumns


def check_units(bars: BarColumns, findings: Findings) -> None:
    """An error on every bar in another unit; a warning where the unit changes and does not come back."""
    for unit, one in unit_stretches(whole_levels(bars)):
        if one.closed:
            times = times_unit(unit, above=one.factor > 1)
            for row in range(one.first, one.last + 1):
                findings.add(row, "unit_error", f"prices are {times} those before and after")
        else:
            other = times_unit(unit, above=one.factor < 1)
            findings.add(one.last + 1, "unit_shift", f"prices are {other} those before, from this bar on")
    for price in single_prices(bars):
        if not any(one.code == "unit_error" for one in findings.by_row.get(price.row, ())):
            times = times_unit(price.unit, above=price.above)
            findings.add(price.row, "unit_error", f"{price.name} is about {times} the prices around")
