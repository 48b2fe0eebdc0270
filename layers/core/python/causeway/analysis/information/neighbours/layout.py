"""Rows in leaves: sixteen rows that lie close together, with the box around them.

A search passes over a leaf whose box is farther away than the distance searched for. The comparison is exact in
floating point: for any row j of a box [low, high], z_j - z_i is rounded to no less than low - z_i is, because
rounding never changes an order.

The leaves come from a k-d tree (Bentley 1975): the longest side of the box is halved at the median, in multiples of
sixteen rows, until sixteen rows are left. Only the leaves are kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.compiling import inlined, kernel, part
from causeway.analysis.information.neighbours.lanes import WIDTH, element, gap, larger, load, minus, spread

FAR = 1e30  # a coordinate that no row reaches: rows that fill up the last leaf are never near


@part
def _partition(
    columns: NDArray[np.float64], c: int, order: NDArray[np.int64], first: int, last: int, place: int
) -> None:
    """Bring the rows of order[first:last] that are smallest in column c before ``place`` (quickselect, Hoare 1961)."""
    at, low, high = c * columns.shape[1], first, last - 1
    while low < high:
        pivot = element(columns, at + element(order, (low + high) // 2))
        i, j = low, high
        while i <= j:
            while element(columns, at + element(order, i)) < pivot:
                i += 1
            while pivot < element(columns, at + element(order, j)):
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break


@part
def _longest_side(columns: NDArray[np.float64], order: NDArray[np.int64], first: int, last: int) -> int:
    longest, side = 0, -1.0
    for c in range(columns.shape[0]):
        at = c * columns.shape[1]
        low = high = element(columns, at + element(order, first))
        for place in range(first, last):
            value = element(columns, at + element(order, place))
            low = value if value < low else low
            high = value if value > high else high
        if high - low > side:
            longest, side = c, high - low
    return longest


def leaf_order(columns: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rows of ``columns`` (n_dimensions, n_rows), leaf after leaf; the last leaf may be shorter."""
    order = np.arange(columns.shape[1])
    halve(columns, order, np.empty((64, 2), np.int64))  # deeper than any number of rows that is halved
    return order


@kernel
def halve(columns: NDArray[np.float64], order: NDArray[np.int64], waiting: NDArray[np.int64]) -> None:
    """Bring ``order``, all rows, into the order of leaves; ``waiting`` has room for the parts that still need it."""
    waiting[0, 0], waiting[0, 1] = 0, order.shape[0]
    n_waiting = 1
    while n_waiting > 0:
        n_waiting -= 1
        first, last = waiting[n_waiting, 0], waiting[n_waiting, 1]
        if last - first > WIDTH:
            half = first + ((last - first) // 2 + WIDTH - 1) // WIDTH * WIDTH
            _partition(columns, _longest_side(columns, order, first, last), order, first, last, half)
            waiting[n_waiting, 0], waiting[n_waiting, 1] = first, half
            waiting[n_waiting + 1, 0], waiting[n_waiting + 1, 1] = half, last
            n_waiting += 2


def leaf_boxes(leaves: NDArray[np.float64], n_rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper corners, each (n_dimensions, n_leaves filled up to a multiple of 16), of rows in leaf order."""
    n_dimensions, n_leaves = leaves.shape[0], leaves.shape[1] // WIDTH
    own = leaves.copy()
    own[:, n_rows:] = leaves[:, n_rows - 1 : n_rows]
    by_place = np.ascontiguousarray(own.reshape(n_dimensions, n_leaves, WIDTH).transpose(2, 0, 1))
    # farther than any distance: a leaf that is none is never near
    low, high = np.full((2, n_dimensions, -(-n_leaves // WIDTH) * WIDTH), 4 * FAR)
    low[:, :n_leaves], high[:, :n_leaves] = by_place.min(axis=0), by_place.max(axis=0)
    return low, high


def in_leaves(columns: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """``columns`` (n_rows, n_dimensions) as (n_dimensions, n_rows filled up to a multiple of 16), in this order."""
    n, n_dimensions = columns.shape
    filled = np.full((n_dimensions, -(-n // WIDTH) * WIDTH), FAR)
    filled[:, :n] = columns[order].T
    return filled


@inlined
def close_in_time(t, theiler, n):
    """The rows first..last-1 that are ``theiler`` bars or less from row t, itself included."""
    first, last = t - theiler, t + theiler + 1
    return first if first > 0 else 0, last if last < n else n


@inlined
def distances(columns, row, leaf):
    """Maximum norm between one row and the rows of a leaf."""
    stride = columns.shape[1]
    distance = gap(load(columns, leaf * WIDTH), spread(element(columns, row)))
    for c in range(1, columns.shape[0]):
        here = spread(element(columns, c * stride + row))
        distance = larger(gap(load(columns, c * stride + leaf * WIDTH), here), distance)
    return distance


@inlined
def box_distances(low, high, z, n_columns, row, group):
    """Distance between a row and the boxes of sixteen leaves, in the first ``n_columns`` of z; 0 inside."""
    distance = spread(z.dtype.type(0))
    for c in range(n_columns):
        here = spread(element(z, c * z.shape[1] + row))
        at = c * low.shape[1] + group * WIDTH
        distance = larger(minus(load(low, at), here), distance)
        distance = larger(minus(here, load(high, at)), distance)
    return distance
