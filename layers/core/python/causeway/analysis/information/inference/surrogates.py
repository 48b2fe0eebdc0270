"""Surrogate orders of rows, from random streams that depend on seed, target and step only.

A stream does not know which worker runs it, how many there are, or which column a series stands in.

All schemes assume stationary series: a trend or a break in level is kept in the target and moved in the source.
Which scheme keeps its level on which kind of market is measured in docs/nulls.md.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.block_length import automatic_block_bars
from causeway.analysis.information.inference.block_orders import block_orders, stratified_block_orders
from causeway.analysis.information.inference.replication_orders import n_replication_orders, replication_orders
from causeway.analysis.information.inference.volatility import size_of_moves
from causeway.errors import InvalidInput
from causeway.model.inference import SurrogateScheme

if TYPE_CHECKING:
    from causeway.analysis.information.settings import NetworkSettings

Order = NDArray[np.int64]


def stream(seed: int, target: str, *step: str | int) -> np.random.Generator:
    """An independent generator for one step of one target."""
    words: list[int] = []
    for part in (target, *step):
        digest = hashlib.sha256(str(part).encode()).digest()
        words += [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")]
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=tuple(words)))


def surrogate_orders(
    rng: np.random.Generator,
    n_rows: int,
    count: int,
    settings: NetworkSettings,
    *,
    given: NDArray[np.float64] | None = None,
    target: NDArray[np.float64] | None = None,
    rows: NDArray[np.int64] | None = None,
) -> Iterator[Order]:
    """``count`` orders of shape (n_rows,): row r of a surrogate is row ``order[r]`` of the variable.

    Every order is a permutation. All variables of a step share it, so that dependence between candidates survives in
    their maximum. ``given`` (n_rows, n_dimensions) is the conditioning set, needed by the local scheme; without any
    column all rows are alike. ``target`` (n_rows,) or (n_rows, n_series) holds the series whose volatility is matched
    by the volatility scheme, and whose memory sets an automatic block length. ``rows`` (n_rows,) is the sample that
    each row predicts, ascending; None means that nothing is missing.

    Draws of the circular and replications schemes are distinct. Those of the others are independent.

    Raises:
        InvalidInput: the scheme has fewer distinct orders than ``count``, or lacks what it needs.
    """
    _check_count(n_rows, count, settings, rows)
    match settings.surrogates:
        case SurrogateScheme.CIRCULAR:
            return _circular(rng, n_rows, count, settings.max_lag)
        case SurrogateScheme.REPLICATIONS:
            return replication_orders(rng, _rows(n_rows, rows), count)
        case SurrogateScheme.LOCAL if given is not None and given.shape[1]:
            from causeway.analysis.information.inference.local_orders import local_orders  # numba, only for this scheme

            return local_orders(rng, given, count)
        case SurrogateScheme.VOLATILITY:
            length = 1 if settings.block_bars is None else _block_bars(settings, target)
            return stratified_block_orders(rng, _rows(n_rows, rows), count, length, _volatility(target))
        case SurrogateScheme.BLOCK:
            return block_orders(rng, _rows(n_rows, rows), count, _block_bars(settings, target))
        case _:
            return block_orders(rng, _rows(n_rows, None), count, 1)


def available_orders(n_rows: int, settings: NetworkSettings, rows: NDArray[np.int64] | None = None) -> int:
    """How many distinct surrogates the scheme offers; the largest int where that is more than can be asked for."""
    if settings.surrogates is SurrogateScheme.CIRCULAR:
        return max(0, n_rows - 2 * settings.max_lag - 1)
    if settings.surrogates is SurrogateScheme.REPLICATIONS:
        return n_replication_orders(_rows(n_rows, rows))
    return sys.maxsize


def _check_count(n_rows: int, count: int, settings: NetworkSettings, rows: NDArray[np.int64] | None) -> None:
    available = available_orders(n_rows, settings, rows)
    if count <= available:
        return
    what = "circular shifts" if settings.surrogates is SurrogateScheme.CIRCULAR else "orders of replications"
    raise InvalidInput(
        f"Only {available} {what} exist for {n_rows} rows and {count} were asked for. "
        "Use the block scheme, or fewer permutations.",
        details={"field": "n_permutations"},
    )


def _rows(n_rows: int, rows: NDArray[np.int64] | None) -> NDArray[np.int64]:
    return np.arange(n_rows) if rows is None else rows


def _block_bars(settings: NetworkSettings, target: NDArray[np.float64] | None) -> int:
    if settings.block_bars != 0:
        return settings.block_length_bars
    return automatic_block_bars(_needed(target, "An automatic block length"))


def _volatility(target: NDArray[np.float64] | None) -> NDArray[np.float64]:
    return size_of_moves(_needed(target, "The volatility scheme"))


def _needed(target: NDArray[np.float64] | None, what: str) -> NDArray[np.float64]:
    if target is None:
        raise InvalidInput(f"{what} needs the target's values; pass target.", details={"field": "surrogates"})
    return target


def _circular(rng: np.random.Generator, n_rows: int, count: int, max_lag: int) -> Iterator[Order]:
    """Distinct shifts by more than ``max_lag`` rows."""
    shifts = np.arange(max_lag + 1, n_rows - max_lag)
    rows = np.arange(n_rows)
    return ((rows + shift) % n_rows for shift in rng.choice(shifts, size=count, replace=False))
