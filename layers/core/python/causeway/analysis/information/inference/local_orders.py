"""Orders that move a row only among rows whose conditioning set is alike.

What a source has in common with the conditioning set survives in such a surrogate, so that only the dependence beyond
it is broken. Source: Runge 2018 (permutation among the k nearest neighbours in Z), here without repeated rows: a random
walk of exchanges over all permutations that keep to the neighbourhoods, as in Berrett, Wang, Barber & Samworth 2020.
The walk goes from the observed order to a hub, and every surrogate starts from there, so that surrogates and the
observed order are exchangeable however long the walk is (Besag & Clifford 1989).
"""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

NEIGHBOURS = 5  # Runge 2018 recommends 5 to 10: fewer keep more of the dependence on Z, but leave less to shuffle
_TIE = 1e-6  # standard deviations
_SWEEPS = 10  # proposed exchanges per row; from 5 on nothing changes but the time


def local_orders(
    rng: np.random.Generator, given: NDArray[np.float64], count: int, neighbours: int = NEIGHBOURS
) -> Iterator[NDArray[np.int64]]:
    """``count`` orders in which the row at r comes from the ``neighbours`` rows nearest to r in ``given``, r included.

    ``given`` (n_rows, n_dimensions); each column is divided by its standard deviation, distances are maximum norms.
    """
    scale = given.std(axis=0)
    standard = given / np.where(scale > 0, scale, 1.0)
    standard = standard + rng.uniform(-_TIE, _TIE, given.shape)  # among equal rows, who is near whom is drawn
    near = KDTree(standard).query(standard, k=min(neighbours, given.shape[0]), p=np.inf)[1]
    near = np.ascontiguousarray(near.reshape(given.shape[0], -1), dtype=np.int64)
    hub = _walked(rng, near, np.arange(given.shape[0]))
    return (_walked(rng, near, hub) for _ in range(count))


def _walked(rng: np.random.Generator, near: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    n_rows, width = near.shape
    steps = _SWEEPS * n_rows
    walked: NDArray[np.int64] = _walk(near, order, rng.integers(n_rows, size=steps), rng.integers(width, size=steps))
    return walked


@numba.njit(cache=True, nogil=True)
def _walk(
    near: NDArray[np.int64], order: NDArray[np.int64], places: NDArray[np.int64], choices: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Each step proposes that a place takes one of its neighbours' rows from the place that holds it."""
    order = order.copy()
    holder = np.empty_like(order)
    for place in range(order.size):
        holder[order[place]] = place
    for step in range(places.size):
        place = places[step]
        row = near[place, choices[step]]
        other, given_up = holder[row], order[place]
        for c in range(near.shape[1]):
            if near[other, c] == given_up:
                order[place], order[other] = row, given_up
                holder[row], holder[given_up] = place, other
                break
    return order
