"""Counting in boxes: how many points of the plane lie in a rectangle around each point, for one z and one x.

With one z, n_xz is the number of points in the square of half side eps around (x_i, z_i). Going through all rows near
in z costs N^(2/3) for each of them. Here a square costs the same whatever is in it. Rows are numbered in the order
of z and, again, in the order of x, so that the square is a rectangle of ranks:

- its edges come from a guide table (equal steps of the value, the first rank of each) and a few halvings;
- ranks are cut into blocks of 64, and ``table[a, b]`` counts the points in the first a blocks of z and b of x
  (a summed-area table, Crow 1984): four entries give the whole blocks;
- the four edges are partial blocks: 64 points each, compared at once, and counted as the bits of one word.

All comparisons are those of the distances themselves, |x_j - x_i| < eps in the precision of the arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.compiling import inlined, kernel, part
from causeway.analysis.information.neighbours.lane_lists import gather, kept, scaled, stepped, where
from causeway.analysis.information.neighbours.lanes import (
    WIDTH,
    below,
    bits,
    element,
    gap,
    load,
    minus,
    ones,
    plus,
    spread,
    store,
)
from causeway.analysis.information.neighbours.layout import FAR, close_in_time
from causeway.analysis.information.neighbours.rows import Rows

BOXES_FROM = 2500  # rows; below, going through the rows near in z costs less (measured, docs/decisions/0006)
BLOCK = 64
_STEPS_PER_ROW = 2


def guide_table(ascending: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int32], Any, int]:
    """The values with far ones behind, the table, its scale, and how far the table may be off, a power of two."""
    size = _STEPS_PER_ROW * ascending.size
    width = float(ascending[-1] - ascending[0])
    scale = ascending.dtype.type(size / width if width > 0 else 0.0)
    step = ((ascending - ascending[0]) * scale).astype(np.int64)
    table = np.cumsum(np.bincount(np.minimum(step, size) + 1, minlength=size + 3))
    most = 1 << int((table[2:] - np.append(0, table[:size])).max()).bit_length()
    values = np.append(ascending, np.full(2 * most, FAR, ascending.dtype))
    return values, table.astype(np.int32), scale, most


def ranked(column: NDArray[np.float64], dtype: type[np.floating[Any]]) -> tuple[Any, NDArray[np.int64]]:
    """The guide table of a column, and the rank of each of its rows."""
    ascending, rank = np.argsort(column), np.empty(column.size, np.int64)
    rank[ascending] = np.arange(column.size)
    return guide_table(column[ascending].astype(dtype)), rank


def boxes_pay(rows: Rows) -> bool:
    """Whether one x is better counted in boxes: one z and many rows."""
    return rows.given and rows.z.shape[0] == 1 and rows.n_rows >= BOXES_FROM


@inlined
def _edges(guide, here, radius, low_out, high_out, at):
    """First rank inside the radius and first rank above it, for sixteen points, into the arrays from ``at`` on."""
    values, table, scale, most = guide
    first, last = spread(element(values, 0)), table.shape[0] - 3
    low = gather(table, kept(stepped(scaled(minus(minus(here, radius), first), scale), -1), 0, last))
    high = gather(table, kept(stepped(scaled(minus(plus(here, radius), first), scale), -1), 0, last))
    step = most >> 1
    while step > 0:
        inside = below(minus(here, gather(values, stepped(low, step - 1))), radius)
        low = where(inside, low, stepped(low, step))
        inside = below(minus(gather(values, stepped(high, step - 1)), here), radius)
        high = where(inside, stepped(high, step), high)
        step >>= 1
    store(low_out, at, low)
    store(high_out, at, high)


@inlined
def _all_edges(guide, n, ranks, radii, lane, here, radius, low_out, high_out):
    """The edges around every row, of this rank and with this radius; room for sixteen ``here`` and ``radius``."""
    for first in range(0, n, WIDTH):
        for row in range(first, first + WIDTH):
            inner = row if row < n else n - 1
            here[row - first], radius[row - first] = element(guide[0], np.int64(ranks[inner])), radii[inner, lane]
        _edges(guide, load(here, 0), load(radius, 0), low_out, high_out, first)


@inlined
def _members(ranks, block, first, last):
    """One bit for each of the block's 64 entries: is its rank in first..last-1?"""
    middle = spread(np.float32(first + last - 1) * np.float32(0.5))
    half = spread(np.float32(last - first) * np.float32(0.5))
    at = block * BLOCK
    word = np.uint64(bits(below(gap(load(ranks, at), middle), half)))
    word |= np.uint64(bits(below(gap(load(ranks, at + WIDTH), middle), half))) << np.uint64(16)
    word |= np.uint64(bits(below(gap(load(ranks, at + 2 * WIDTH), middle), half))) << np.uint64(32)
    word |= np.uint64(bits(below(gap(load(ranks, at + 3 * WIDTH), middle), half))) << np.uint64(48)
    return word


def room_for(n: int, dtype: Any) -> tuple[NDArray[Any], ...]:
    """What ``add_terms`` and ``add_terms_alone`` write into, made here as numba compiles long what makes an array."""
    filled = (n // BLOCK + 1) * BLOCK
    whole = [np.empty(filled, np.int32) for _ in range(5)]
    ranks = [np.full(filled, -1e6, np.float32) for _ in range(2)]  # behind the n-th nothing is in any box
    blocks = filled // BLOCK + 1
    return (*np.empty((2, WIDTH), dtype), *whole, *ranks, np.empty((blocks, blocks), np.int32))


@part
def summed_area(ranks, n, table):
    """``table[a, b]``: points in the first a blocks of rows whose rank is in the first b blocks."""
    table[:] = 0
    for row in range(n):
        table[row // BLOCK + 1, np.int64(ranks[row]) // BLOCK + 1] += 1
    for a in range(1, table.shape[0]):
        along = np.int32(0)
        for b in range(1, table.shape[1]):
            along += table[a, b]
            table[a, b] = along
        for b in range(1, table.shape[1]):
            table[a, b] += table[a - 1, b]


@inlined
def count_box(table, ranks_of_rows, rows_of_ranks, z_low, z_high, x_low, x_high):
    """Points with row in z_low..z_high-1 and rank in x_low..x_high-1."""
    ahead = np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(z_low & 63)
    behind = (np.uint64(1) << np.uint64(z_high & 63)) - np.uint64(1)
    a, b = z_low >> 6, z_high >> 6
    if a == b:
        return ones(np.int64(_members(ranks_of_rows, a, x_low, x_high) & ahead & behind))
    n = ones(np.int64(_members(ranks_of_rows, a, x_low, x_high) & ahead))
    n += ones(np.int64(_members(ranks_of_rows, b, x_low, x_high) & behind))
    a += 1
    ahead = np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(x_low & 63)
    behind = (np.uint64(1) << np.uint64(x_high & 63)) - np.uint64(1)
    c, d = x_low >> 6, x_high >> 6
    if c == d:
        return n + ones(np.int64(_members(rows_of_ranks, c, a << 6, b << 6) & ahead & behind))
    n += ones(np.int64(_members(rows_of_ranks, c, a << 6, b << 6) & ahead))
    n += ones(np.int64(_members(rows_of_ranks, d, a << 6, b << 6) & behind))
    c += 1
    width = table.shape[1]
    n += element(table, b * width + d) - element(table, a * width + d)
    return n + element(table, a * width + c) - element(table, b * width + c)


@kernel
def add_terms(
    radii, n_yz, lane, z_guide, z_ranks, x_guide, x_rank_of_time, source, time, place, theiler, psi, room, terms
):
    """``terms`` psi(n_z + 1) - psi(n_xz + 1) - psi(n_yz + 1) of the rows for one x, in the order of z, and their sum.

    ``radii`` and ``n_yz`` (filled, 16) of a tile, at places whose z has the ranks ``z_ranks``. The row at place p, of
    time ``time[p]``, has the x of time ``source[time[p]]``. ``room`` is ``room_for(n_rows, dtype of radii)``.
    """
    n = place.shape[0]
    here, radius_of, x_ranks, z_low, z_high, x_low, x_high, x_of_z, z_of_x, table = room
    for p in range(n):
        x_ranks[p] = x_rank_of_time[source[np.int64(time[p])]]
        x_of_z[z_ranks[p]], z_of_x[x_ranks[p]] = x_ranks[p], z_ranks[p]
    summed_area(x_of_z, n, table)
    _all_edges(z_guide, n, z_ranks, radii, lane, here, radius_of, z_low, z_high)
    _all_edges(x_guide, n, x_ranks, radii, lane, here, radius_of, x_low, x_high)
    z_values, x_values = z_guide[0], x_guide[0]
    for p in range(n):
        radius, n_z, n_xz = radii[p, lane], 0, 0
        if radius > 0:
            n_z = np.int64(z_high[p]) - np.int64(z_low[p]) - 1
            box = np.int64(z_low[p]), np.int64(z_high[p]), np.int64(x_low[p]), np.int64(x_high[p])
            n_xz = count_box(table, x_of_z, z_of_x, box[0], box[1], box[2], box[3]) - 1
        if theiler > 0:
            t = np.int64(time[p])
            first, last = close_in_time(t, theiler, n)
            for excluded in range(first, last):
                other = place[excluded]
                if excluded != t and abs(z_values[z_ranks[other]] - z_values[z_ranks[p]]) < radius:
                    n_z -= 1
                    n_xz -= abs(x_values[x_ranks[other]] - x_values[x_ranks[p]]) < radius
        terms[z_ranks[p]] = psi[n_z + 1] - psi[n_xz + 1] - psi[n_yz[p, lane] + 1]
    total = 0.0
    for term in terms:  # in the order of z, as everywhere else
        total += term
    return total


@kernel
def add_terms_alone(radii, n_y, lane, x_guide, x_rank_of_time, source, time, place, theiler, psi, room):
    """Sum of psi(n + 1) - psi(n_x + 1) - psi(n_y + 1) over the rows, for one x and no z; n: the allowed rows."""
    n = place.shape[0]
    here, radius_of, x_ranks, low, high = room[:5]
    for p in range(n):
        x_ranks[p] = x_rank_of_time[source[np.int64(time[p])]]
    _all_edges(x_guide, n, x_ranks, radii, lane, here, radius_of, low, high)
    values = x_guide[0]
    total = 0.0
    for p in range(n):
        t, radius = np.int64(time[p]), radii[p, lane]
        first, last = close_in_time(t, theiler, n)
        n_x = np.int64(high[p]) - np.int64(low[p])
        n_x = n_x if n_x > 0 else 0
        for excluded in range(first, last):
            n_x -= abs(values[x_ranks[place[excluded]]] - values[x_ranks[p]]) < radius
        total += psi[n - last + first + 1] - psi[n_x + 1] - psi[n_y[p, lane] + 1]
    return total
