"""Nearest-neighbour kernels of the KSG estimator, float64, compiled by numba on first use and cached.

Both count strictly inside the distance of the k-th neighbour (maximum norm, the point itself left out), which
is algorithm 1 of Kraskov, Stoegbauer & Grassberger 2004 and, with Z, Frenzel & Pompe 2007. Ties need no noise.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

TILE = 64  # x that are searched together: their k-best lists stay in the first-level cache


@numba.njit(cache=True, nogil=True)
def _distance(a: NDArray[np.float64], i: int, j: int) -> float:
    largest = 0.0
    for c in range(a.shape[1]):
        gap = abs(a[i, c] - a[j, c])
        largest = max(largest, gap)
    return largest


@numba.njit(cache=True, nogil=True)
def _kth_distance(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    z: NDArray[np.float64],
    key: NDArray[np.float64],
    i: int,
    best: NDArray[np.float64],
) -> float:
    """Distance to the k-th neighbour of row i; rows are ascending in ``key``, one of the columns."""
    k, n = best.shape[0], key.shape[0]
    best[:] = np.inf
    low, high = i - 1, i + 1
    while low >= 0 or high < n:
        down = key[i] - key[low] if low >= 0 else np.inf
        up = key[high] - key[i] if high < n else np.inf
        if min(down, up) >= best[k - 1]:
            break
        if down <= up:
            j = low
            low -= 1
        else:
            j = high
            high += 1
        d = max(_distance(x, i, j), _distance(y, i, j), _distance(z, i, j))
        q = k - 1
        if d < best[q]:
            while q > 0 and best[q - 1] > d:
                best[q] = best[q - 1]
                q -= 1
            best[q] = d
    kth: float = best[k - 1]
    return kth


@numba.njit(cache=True, nogil=True)
def local_terms(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    z: NDArray[np.float64],
    key: NDArray[np.float64],
    k: int,
    psi: NDArray[np.float64],
) -> NDArray[np.float64]:
    """psi(k) + psi(n_z + 1) - psi(n_xz + 1) - psi(n_yz + 1) of each row.

    Rows are ascending in ``key``, the first column of z; with no z, of y, and then n_z + 1 is the number of rows.
    """
    n = key.shape[0]
    windowed = z.shape[1] > 0
    best = np.empty(k)
    terms = np.empty(n)
    for i in range(n):
        radius = _kth_distance(x, y, z, key, i, best)
        first, last = 0, n
        if windowed:
            first, last = i, i + 1
            while first > 0 and key[i] - key[first - 1] < radius:
                first -= 1
            while last < n and key[last] - key[i] < radius:
                last += 1
        n_z = n_xz = n_yz = 0
        for j in range(first, last):
            if j != i and (not windowed or _distance(z, i, j) < radius):
                n_z += 1
                n_xz += _distance(x, i, j) < radius
                n_yz += _distance(y, i, j) < radius
        if not windowed:
            n_z = n - 1
        terms[i] = psi[k] + psi[n_z + 1] - psi[n_xz + 1] - psi[n_yz + 1]
    return terms


@numba.njit(cache=True, nogil=True)
def _joint_gaps(x: NDArray[np.float64], j: int, i: int, base: float, gap: NDArray[np.float64]) -> None:
    """``gap[m]`` = the larger of ``base`` and the distance of rows j and i in the m-th x of the tile."""
    there, here = x[j, 0], x[i, 0]
    for m in range(gap.shape[0]):
        d = abs(there[m] - here[m])
        gap[m] = d if d > base else base
    for c in range(1, x.shape[1]):
        there, here = x[j, c], x[i, c]
        for m in range(gap.shape[0]):
            d = abs(there[m] - here[m])
            gap[m] = d if d > gap[m] else gap[m]


@numba.njit(cache=True, nogil=True)
def _search_tile(
    x: NDArray[np.float64],
    i: int,
    order: NDArray[np.int64],
    d_yz: NDArray[np.float64],
    best: NDArray[np.float64],
    gap: NDArray[np.float64],
) -> None:
    """Fill ``best`` (k, width) with the k smallest joint distances of each x in the tile."""
    k = best.shape[0]
    best[:, :] = np.inf
    for position in range(order.shape[0]):
        if position % 8 == 0 and d_yz[position] >= best[k - 1].max():
            break
        _joint_gaps(x, order[position], i, d_yz[position], gap)
        for q in range(k):
            row = best[q]
            for m in range(gap.shape[0]):
                old, new = row[m], gap[m]
                row[m] = min(old, new)
                gap[m] = max(old, new)


@numba.njit(cache=True, nogil=True)
def _count_below(distance: NDArray[np.float64], radius: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
    """How many of the ascending distances lie strictly below each radius."""
    for m in range(radius.shape[0]):
        low, high = 0, distance.shape[0]
        while low < high:
            middle = (low + high) // 2
            if distance[middle] < radius[m]:
                low = middle + 1
            else:
                high = middle
        counts[m] = low


@numba.njit(cache=True, nogil=True)
def _count_tile(
    x: NDArray[np.float64],
    i: int,
    order: NDArray[np.int64],
    d_z: NDArray[np.float64],
    radius: NDArray[np.float64],
    counts: NDArray[np.float64],
    gap: NDArray[np.float64],
) -> None:
    """Neighbours strictly inside ``radius`` in (x, z)."""
    counts[:] = 0.0
    widest = radius.max()
    for position in range(order.shape[0]):
        if d_z[position] >= widest:
            break
        j, base = order[position], d_z[position]
        if x.shape[1] == 1:  # by far the most frequent case, in one pass
            there, here = x[j, 0], x[i, 0]
            for m in range(radius.shape[0]):
                inside = (abs(there[m] - here[m]) < radius[m]) & (base < radius[m])
                counts[m] += 1.0 if inside else 0.0
        else:
            _joint_gaps(x, j, i, base, gap)
            for m in range(radius.shape[0]):
                counts[m] += 1.0 if gap[m] < radius[m] else 0.0


@numba.njit(cache=True, nogil=True)
def _neighbours(
    a: NDArray[np.float64], b: NDArray[np.float64], i: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Other rows in order of their distance in (a, b), and those distances."""
    n = a.shape[0]
    distance = np.empty(n)
    for j in range(n):
        distance[j] = max(_distance(a, i, j), _distance(b, i, j))
    distance[i] = -1.0
    order = np.argsort(distance)[1:]
    return order, distance[order]


@numba.njit(cache=True, nogil=True)
def batch_cmi(
    x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64], k: int, psi: NDArray[np.float64]
) -> NDArray[np.float64]:
    """I(x_m; y | z) for many x at once, in tiles that share a search.

    ``x`` has shape (n_tiles, n_rows, n_dimensions, width); returns (n_tiles, width). (y, z) is common, so that
    neighbours are ordered once per row. The sum of each value runs over the rows in order, so that it does not
    depend on what else is in the batch.
    """
    n_tiles, n, _, width = x.shape
    total = np.zeros((n_tiles, width))
    best, gap = np.empty((k, width)), np.empty(width)
    n_z, n_xz, n_yz = np.full(width, n - 1.0), np.empty(width), np.empty(width)
    for i in range(n):
        order_yz, d_yz = _neighbours(y, z, i)
        order_z, d_z = _neighbours(z, z, i)
        for tile in range(n_tiles):
            _search_tile(x[tile], i, order_yz, d_yz, best, gap)
            radius = best[k - 1]
            _count_tile(x[tile], i, order_z, d_z, radius, n_xz, gap)
            _count_below(d_yz, radius, n_yz)
            if z.shape[1] > 0:
                _count_below(d_z, radius, n_z)
            for m in range(width):
                total[tile, m] += psi[int(n_z[m]) + 1] - psi[int(n_xz[m]) + 1] - psi[int(n_yz[m]) + 1]
    estimates: NDArray[np.float64] = psi[k] + total / n
    return estimates
