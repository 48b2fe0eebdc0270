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

from causeway.analysis.information.neighbours.lanes import (
    WIDTH,
    element,
    gap,
    inlined,
    kernel,
    larger,
    load,
    minus,
    part,
    spread,
)

FAR = 1e30  # a coordinate that no row reaches: rows that fill up the last leaf are never near


@part
def _partition(key: NDArray[np.float64], order: NDArray[np.int64], first: int, last: int, place: int) -> None:
    """Bring the rows with the smallest keys in order[first:last] before ``place`` (quickselect, Hoare 1961)."""
    low, high = first, last - 1
    while low < high:
        pivot = key[order[(low + high) // 2]]
        i, j = low, high
        while i <= j:
            while key[order[i]] < pivot:
                i += 1
            while pivot < key[order[j]]:
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
def _longest_side(columns: NDArray[np.float64], rows: NDArray[np.int64]) -> int:
    longest, side = 0, -1.0
    for c in range(columns.shape[0]):
        low = high = columns[c, rows[0]]
        for row in rows:
            value = columns[c, row]
            low, high = min(low, value), max(high, value)
        if high - low > side:
            longest, side = c, high - low
    return longest


@kernel
def leaf_order(columns: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rows of ``columns`` (n_dimensions, n_rows), leaf after leaf; the last leaf may be shorter."""
    n = columns.shape[1]
    order = np.arange(n)
    stack = [(0, n)]
    while len(stack) > 0:
        first, last = stack.pop()
        if last - first <= WIDTH:
            continue
        half = first + ((last - first) // 2 + WIDTH - 1) // WIDTH * WIDTH
        c = _longest_side(columns, order[first:last])
        _partition(columns[c], order, first, last, half)
        stack.append((first, half))
        stack.append((half, last))
    return order


@kernel
def leaf_boxes(leaves: NDArray[np.float64], n_rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper corners, each (n_dimensions, n_leaves filled up to a multiple of 16), of rows in leaf order."""
    n_leaves = -(-n_rows // WIDTH)
    filled = -(-n_leaves // WIDTH) * WIDTH
    low = np.full((leaves.shape[0], filled), 4 * FAR)  # farther than any distance: a leaf that is none is never near
    high = np.full((leaves.shape[0], filled), 4 * FAR)
    for c in range(leaves.shape[0]):
        for leaf in range(n_leaves):
            least = most = leaves[c, leaf * WIDTH]
            for row in range(leaf * WIDTH + 1, min((leaf + 1) * WIDTH, n_rows)):
                least, most = min(least, leaves[c, row]), max(most, leaves[c, row])
            low[c, leaf], high[c, leaf] = least, most
    return low, high


@kernel
def in_leaves(columns: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """``columns`` (n_rows, n_dimensions) as (n_dimensions, n_rows filled up to a multiple of 16), in this order."""
    n, n_dimensions = columns.shape
    filled = np.full((n_dimensions, -(-n // WIDTH) * WIDTH), FAR)
    for place in range(n):
        for c in range(n_dimensions):
            filled[c, place] = columns[order[place], c]
    return filled


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
def box_distances(low, high, z, row, group):
    """Distance in z between a row and the boxes of sixteen leaves; 0 inside."""
    distance = spread(z.dtype.type(0))
    for c in range(z.shape[0]):
        here = spread(element(z, c * z.shape[1] + row))
        at = c * low.shape[1] + group * WIDTH
        distance = larger(minus(load(low, at), here), distance)
        distance = larger(minus(here, load(high, at)), distance)
    return distance
