"""How a call is cut so that it fits the device's memory; no torch here, so that every rule is tested anywhere.

No rule changes a number: sums are exact (``digamma_units``), and every kernel counts the same neighbours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.errors import InvalidInput

_log = logging.getLogger(__name__)
Nearness = Literal["lists", "matrices", "on the fly"]
_SHARE_KEPT = 0.4  # of the free memory, for what is kept from call to call
_SHARE_OF_A_CHUNK = 0.5  # of what is then free, for the columns of one launch
_MOST_PAIRS = 5 * 10**11  # row pairs x columns in one launch: about a second on an H100, so that a stop is obeyed
# Sorting pays from here on. Derived from published rates (sort 1e9 keys/s, brute force 4e11 pairs/s), not measured.
_COLUMNS_WORTH_A_SORT = 1600
_COLUMNS_WORTH_A_MATRIX = 64  # below, distances cost less to compute again than to keep


@dataclass(frozen=True, slots=True)
class Call:
    """The sizes of one call: ``n_dimensions`` of each x, ``n_columns`` variables times surrogates."""

    n_rows: int
    n_dimensions: int
    n_columns: int
    bytes_per_value: int = 4


def nearness(call: Call, free_bytes: int) -> Nearness:
    """What is kept of the distances in (y, z) and in z: sorted lists, plain matrices or nothing.

    Lists are built where many columns pay for the sort; matrices need half their memory (float32: 8 n_rows² bytes).
    """
    if call.n_columns < _COLUMNS_WORTH_A_MATRIX:
        return "on the fly"
    room = _SHARE_KEPT * free_bytes
    matrices = 2 * call.bytes_per_value * call.n_rows**2
    lists = 2 * (call.bytes_per_value + 4) * call.n_rows**2
    if call.n_columns >= _COLUMNS_WORTH_A_SORT and lists <= room:
        return "lists"
    return "matrices" if matrices <= room else "on the fly"


def columns_at_once(call: Call, free_bytes: int) -> int:
    """Columns of one launch, at least 1: x as gathered and as padded, the orders, and the partial sums."""
    per_row = 2 * call.bytes_per_value * call.n_dimensions + 4 + 8 // 4
    by_memory = int(_SHARE_OF_A_CHUNK * free_bytes) // (call.n_rows * per_row)
    by_patience = _MOST_PAIRS // call.n_rows**2
    return max(1, min(call.n_columns, by_memory, by_patience))


def in_chunks(
    n_columns: int,
    at_once: int,
    work: Callable[[int, int], None],
    out_of_memory: type[BaseException],
    recover: Callable[[], None],
) -> None:
    """``work(start, stop)`` over all columns; a chunk that does not fit is halved, and later ones stay that small.

    ``recover`` gives unused memory back after an ``out_of_memory``.

    Raises:
        InvalidInput: a single column does not fit.
    """
    start = 0
    while start < n_columns:
        stop = min(start + at_once, n_columns)
        try:
            work(start, stop)
        except out_of_memory as error:
            if stop - start == 1:
                raise InvalidInput(
                    "One surrogate does not fit into the memory of the device. Use fewer rows, or device = cpu."
                ) from error
            at_once = (stop - start) // 2
        else:
            start = stop
            continue
        _log.info("out of device memory: going on with %d columns at a time", at_once)
        recover()  # outside the handler: the exception's frames hold the tensors that must be freed


@lru_cache(maxsize=8)
def digamma_units(n_rows: int) -> tuple[NDArray[np.int64], float]:
    """psi(0..n_rows) as whole numbers of a unit, and the unit; entry 0 is unused and zero.

    Sums of whole numbers are exact in any order, so that an estimate is the same whatever the device, kernel, tile,
    chunk or number of workers. The unit, a power of two, is the smallest with which a sum over all rows cannot leave
    64 bits: |psi(a) - psi(b) - psi(c)| < 64 up to 2^30 rows. An estimate is off by at most 1.5 units
    (2e-14 nats at 1,000 rows, 7e-13 at 20,000).
    """
    unit = 2.0 ** -(62 - 6 - n_rows.bit_length())
    table = np.zeros(n_rows + 1, dtype=np.int64)
    table[1:] = np.rint(digamma(np.arange(1, n_rows + 1)) / unit).astype(np.int64)
    table.setflags(write=False)
    return table, unit
