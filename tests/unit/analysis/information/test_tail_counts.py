"""p with a fitted tail: counts where there is enough to count, and the same bits however the work is cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information.inference.checkpoints import Journal, MemoryCheckpoint
from causeway.analysis.information.inference.exceedances import Rule, count_exceedances
from causeway.analysis.information.inference.fitted_counts import fitted_p
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.tail import FITTED_DRAWS

Orders = NDArray[np.int64]
_RULE = Rule.estimate(FITTED_DRAWS)
_NULL = np.random.default_rng(1).standard_normal(FITTED_DRAWS)


class _Stopped(Exception):
    pass


def _quiet() -> Stages:
    return Stages(lambda fraction: None, lambda: None)


def _blocks(size: int, start: int = 0) -> Iterator[Orders]:
    """Surrogate i has an order of one row, i; its statistic is looked up."""
    for at in range(start, FITTED_DRAWS, size):
        yield np.arange(at, min(at + size, FITTED_DRAWS))[:, None]


def _of(orders: Orders) -> NDArray[np.float64]:
    return np.asarray(_NULL[orders[:, 0]])


def _fitted(observed: float, size: int) -> float:
    return fitted_p(_blocks(size), _of, observed, _RULE, "link:A", Journal(), _quiet())


@pytest.mark.parametrize("observed", [0.0, 1.5])
def test_where_enough_exceed_p_is_the_count(observed: float) -> None:
    counted = count_exceedances(
        _blocks(64), lambda orders: _of(orders) >= observed, _RULE, "link:A", Journal(), _quiet()
    )
    assert _fitted(observed, 64) == counted


@pytest.mark.parametrize("observed", [0.0, 3.0, 6.0])
def test_p_does_not_depend_on_blocks(observed: float) -> None:
    assert _fitted(observed, 37) == _fitted(observed, 512)


def test_p_goes_below_what_counts_allow() -> None:
    assert _fitted(7.0, 500) < 1 / (FITTED_DRAWS + 1) / 10


def test_an_interrupted_count_goes_on_to_the_same_bits() -> None:
    """Stopped after a third of the surrogates, then continued with those after the ones already drawn."""
    checkpoint = MemoryCheckpoint()
    told: list[float] = []

    def stop_late(fraction: float) -> None:
        told.append(fraction)
        if fraction > 0.3:
            raise _Stopped

    stages = Stages(stop_late, lambda: None)
    stages.enter(1.0, 1)
    with pytest.raises(_Stopped):
        fitted_p(_blocks(100), _of, 5.0, _RULE, "link:A", Journal(checkpoint, "A"), stages)
    second = Journal(checkpoint, "A")
    drawn = second.drawn("link:A")
    assert 0 < drawn < FITTED_DRAWS
    resumed = fitted_p(_blocks(250, drawn), _of, 5.0, _RULE, "link:A", second, _quiet())
    assert resumed == _fitted(5.0, 100)
