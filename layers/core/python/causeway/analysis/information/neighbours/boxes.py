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

import numba
import numpy as np

from causeway.analysis.information.neighbours.lanes import WIDTH, below, bits, gap, load, ones, spread
from causeway.analysis.information.neighbours.layout import FAR

BLOCK = 64
_STEPS_PER_ROW = 2


@numba.njit(cache=True, nogil=True)
def guide_table(ascending):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """The values with far ones behind, the table, its scale, and how far the table may be off, a power of two."""
    n = ascending.shape[0]
    size = _STEPS_PER_ROW * n
    width = ascending[n - 1] - ascending[0]
    scale = size / width if width > 0 else 0.0
    table = np.zeros(size + 3, np.int32)
    place = 0
    for b in range(size + 1):
        while place < n and (ascending[place] - ascending[0]) * scale < b:
            place += 1
        table[b] = place
    table[size + 1 :] = n
    most = 1
    for b in range(size + 1):
        while table[min(b + 2, size + 2)] - table[max(b - 1, 0)] >= most:
            most *= 2
    values = np.full(n + 2 * most, FAR, ascending.dtype)
    values[:n] = ascending
    return values, table, scale, most


@numba.njit(cache=True, nogil=True, forceinline=True)
def _edges(values, table, scale, most, n, here, radius):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """First rank inside the radius, and first rank above it."""
    last = table.shape[0] - 3
    b = int((here - radius - values[0]) * scale) - 1
    low = np.int64(table[min(max(b, 0), last)])
    b = int((here + radius - values[0]) * scale) - 1
    high = np.int64(table[min(max(b, 0), last)])
    step = most >> 1
    while step > 0:
        low += step * np.int64(not (here - values[low + step - 1] < radius))
        high += step * np.int64(values[high + step - 1] - here < radius)
        step >>= 1
    return low, high


@numba.njit(cache=True, nogil=True, forceinline=True)
def _members(ranks, block, first, last):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """One bit for each of the block's 64 entries: is its rank in first..last-1?"""
    middle = spread(np.float32((first + last - 1) * np.float32(0.5)))
    half = spread(np.float32((last - first) * np.float32(0.5)))
    at = block * BLOCK
    word = np.uint64(bits(below(gap(load(ranks, at), middle), half)))
    word |= np.uint64(bits(below(gap(load(ranks, at + WIDTH), middle), half))) << np.uint64(16)
    word |= np.uint64(bits(below(gap(load(ranks, at + 2 * WIDTH), middle), half))) << np.uint64(32)
    word |= np.uint64(bits(below(gap(load(ranks, at + 3 * WIDTH), middle), half))) << np.uint64(48)
    return word


@numba.njit(cache=True, nogil=True)
def summed_area(ranks, n, table):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
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


@numba.njit(cache=True, nogil=True, forceinline=True)
def count_box(table, ranks_of_rows, rows_of_ranks, z_low, z_high, x_low, x_high):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Points with row in z_low..z_high-1 and rank in x_low..x_high-1."""
    ahead = np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(z_low % BLOCK)
    behind = (np.uint64(1) << np.uint64(z_high % BLOCK)) - np.uint64(1)
    a, b = z_low // BLOCK, z_high // BLOCK
    if a == b:
        return ones(np.int64(_members(ranks_of_rows, a, x_low, x_high) & ahead & behind))
    n = ones(np.int64(_members(ranks_of_rows, a, x_low, x_high) & ahead))
    n += ones(np.int64(_members(ranks_of_rows, b, x_low, x_high) & behind))
    a += 1
    ahead = np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(x_low % BLOCK)
    behind = (np.uint64(1) << np.uint64(x_high % BLOCK)) - np.uint64(1)
    c, d = x_low // BLOCK, x_high // BLOCK
    if c == d:
        return n + ones(np.int64(_members(rows_of_ranks, c, a * BLOCK, b * BLOCK) & ahead & behind))
    n += ones(np.int64(_members(rows_of_ranks, c, a * BLOCK, b * BLOCK) & ahead))
    n += ones(np.int64(_members(rows_of_ranks, d, a * BLOCK, b * BLOCK) & behind))
    c += 1
    return n + table[b, d] - table[a, d] - table[b, c] + table[a, c]


@numba.njit(cache=True, nogil=True)
def add_terms(radii, n_yz, lane, z_guide, x_guide, rank_of_time, source, time, place, theiler, psi):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Sum of psi(n_z + 1) - psi(n_xz + 1) - psi(n_yz + 1) over the rows, for one x.

    ``radii`` and ``n_yz`` (filled, 16) of a tile. Row r, at time ``time[r]``, has the x of time ``source[time[r]]``.
    """
    n = place.shape[0]
    z_values, z_table, z_scale, z_most = z_guide
    x_values, x_table, x_scale, x_most = x_guide
    filled = (n // BLOCK + 1) * BLOCK
    ranks_of_rows, rows_of_ranks = np.full(filled, -1e6, np.float32), np.full(filled, -1e6, np.float32)
    for row in range(n):
        rank = rank_of_time[source[np.int64(time[row])]]
        ranks_of_rows[row], rows_of_ranks[rank] = rank, row
    n_blocks = filled // BLOCK
    table = np.empty((n_blocks + 1, n_blocks + 1), np.int32)
    summed_area(ranks_of_rows, n, table)
    total = 0.0
    for row in range(n):
        radius = radii[row, lane]
        rank = np.int64(ranks_of_rows[row])
        x_low, x_high = _edges(x_values, x_table, x_scale, x_most, n, x_values[rank], radius)
        z_low, z_high = _edges(z_values, z_table, z_scale, z_most, n, z_values[row], radius)
        n_z = n_xz = 0
        if radius > 0:
            n_z, n_xz = z_high - z_low, count_box(table, ranks_of_rows, rows_of_ranks, z_low, z_high, x_low, x_high)
        t = np.int64(time[row])
        for excluded in range(max(0, t - theiler), min(n, t + theiler + 1)):
            other = place[excluded]
            if abs(z_values[other] - z_values[row]) < radius:
                n_z -= 1
                other_x = x_values[np.int64(ranks_of_rows[other])]
                n_xz -= abs(other_x - x_values[rank]) < radius
        total += psi[n_z + 1] - psi[n_xz + 1] - psi[n_yz[row, lane] + 1]
    return total


@numba.njit(cache=True, nogil=True)
def add_terms_alone(radii, n_y, lane, x_guide, rank_of_time, source, time, place, theiler, psi):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Sum of psi(n + 1) - psi(n_x + 1) - psi(n_y + 1) over the rows, for one x and no z; n is the number of allowed rows."""
    n = place.shape[0]
    values, table, scale, most = x_guide
    total = 0.0
    for row in range(n):
        t, radius = np.int64(time[row]), radii[row, lane]
        here = values[rank_of_time[source[t]]]
        low, high = _edges(values, table, scale, most, n, here, radius)
        first, last = max(0, t - theiler), min(n, t + theiler + 1)
        n_x = max(0, high - low)
        for excluded in range(first, last):
            n_x -= abs(values[rank_of_time[source[excluded]]] - here) < radius
        total += psi[n - last + first + 1] - psi[n_x + 1] - psi[n_y[row, lane] + 1]
    return total
