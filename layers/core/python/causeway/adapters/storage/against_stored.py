"""A checked file held against the series that are stored: another price basis, and jumps where the two meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.storage.database import Row, Transaction
from causeway.market_data.findings import Findings
from causeway.market_data.ingestion import CheckedRows
from causeway.market_data.normalizer import PRICES
from causeway.market_data.outliers import LARGE_MOVE, large_move
from causeway.market_data.price_basis import common_factor


def other_price_basis(checked: CheckedRows, differing: Sequence[Row], known: Mapping[int, int]) -> NDArray[np.int64]:
    """Rows of every symbol that the file quotes on another basis than the stored one, each with a finding.

    ``differing`` are overlapping bars as stored, ``known`` counts overlapping bars by instrument.
    """
    by_instrument: dict[int, list[Row]] = {}
    for held in differing:
        by_instrument.setdefault(held["instrument_id"], []).append(held)
    refused = [np.zeros(0, dtype=np.int64)]
    for instrument_id, mine in by_instrument.items():
        stored = np.array([[held[name] for name in PRICES] for held in mine])
        found = checked.parsed.values[[held["row"] for held in mine], : len(PRICES)]
        factor = common_factor(stored, found, known[instrument_id])
        if factor is not None:
            same_symbol = checked.parsed.symbol_id == checked.parsed.symbol_id[mine[0]["row"]]
            refused.append(np.flatnonzero(same_symbol))
            _refuse(checked.findings, refused[-1], factor, len(mine))
    return np.unique(np.concatenate(refused))


def _refuse(findings: Findings, rows: NDArray[np.int64], factor: float, bars: int) -> None:
    which = f"stored prices are {factor:.4g} times the file's"
    if factor < 1:
        which = f"the file's prices are {1 / factor:.4g} times those stored"
    message = (
        f"{which} in {bars} overlapping bars: one of the two is adjusted, for a split perhaps. Load a file with prices "
        "as traded and the split as a corporate action, or adjust the file to the stored basis; with --replace the "
        "file's bars take the place of stored ones, so give it the whole history"
    )
    for row in rows:
        findings.add(int(row), "other_price_basis", message)


def warn_at_seams(transaction: Transaction, checked: CheckedRows, instruments: Sequence[int], span: Row) -> None:
    """A ``large_move`` finding where a daily bar of the file and a stored neighbour are far apart.

    Both ends of the file are looked at, and gaps in it; neighbours more than a year apart are none. To be called when
    the bars are stored and still staged.
    """
    seams = transaction.all("ingestions_seams", ids=list(instruments), jump=float(np.log1p(LARGE_MOVE)), **span)
    for seam in seams:
        around = transaction.all("ingestions_closes_around", instrument_id=seam["instrument_id"], time=seam["time"])
        at = next(position for position, bar in enumerate(around) if bar["time"] == seam["time"])
        moved = large_move(np.diff(np.log([bar["close"] for bar in around])), at)
        if moved is not None:
            file_follows = seam["row"] is not None
            row = seam["row"] if file_follows else seam["before_row"]
            other = f"from the stored bar of {_day(seam['before_time'])}"
            if not file_follows:
                other = f"to the stored bar of {_day(seam['time'])}"
            held = checked.findings.by_row.get(row, [])  # which may say the same without naming the stored bar
            checked.findings.by_row[row] = [one for one in held if one.code != "large_move"]
            checked.findings.add(row, "large_move", f"{moved}, {other}")


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
