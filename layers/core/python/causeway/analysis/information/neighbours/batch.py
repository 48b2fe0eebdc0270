"""Many x, one (y, z): sixteen searches at a time.

In a step of network inference the target y and the given z stay the same over every candidate and surrogate,
so that most of the work is shared. For one row i

1.  all rows nearer than ``reach`` in (y, z) are collected from the leaves (layout.py), once, and put in the order
    of that distance, up to the width of a bucket;
2.  sixteen x, a *tile*, go down this list together. The distance of x_j and x_i is taken for all of them by one
    instruction, and so is every step of putting the joint distance into the lists of the k smallest (lanes.py).
    The list ends for the tile when nothing ahead is nearer in (y, z) than the largest of the sixteen k-th distances;
3.  n_yz are the entries of the list below each k-th distance; n_z and n_xz are counted over the rows near in z: for
    one z the neighbours in the order of z, for more z a second list by the distance in z. With many rows and one z the
    k-th distances are written out instead, and boxes.py counts.

``reach`` must be no less than the largest k-th distance of all tiles, or the list is made again with a larger one. It
is guessed well: with r the distance of the k-th neighbour in (y, z), of D dimensions, the k-th joint distance grows as
r^(D / (D + 1)), and the factor is learnt from row to row: a list in three is made again, which costs less than lists
that are always wide enough. The guess decides on speed only; every result is exact in the precision of its arrays, does
not depend on what else is in the batch, and is summed over the rows in one order.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.compiling import inlined, kernel, part
from causeway.analysis.information.neighbours.lane_lists import (
    inserted,
    largest,
    nearest,
    none_counted,
    pack,
    rising,
    uncounted,
)
from causeway.analysis.information.neighbours.lanes import (
    WIDTH,
    below,
    bits,
    both,
    counted,
    element,
    gap,
    larger,
    load,
    lowest,
    ones,
    spread,
    store,
)
from causeway.analysis.information.neighbours.layout import FAR, box_distances, close_in_time, distances

BUCKETS = 128
ROWS = 64  # whose lists are held at a time


@inlined
def _collect(y, z, low, high, time, theiler, i, reach, rows, d_yz, rows_z, d_z, with_z):
    """Rows nearer than ``reach`` in (y, z), and in z; how many of both."""
    n = n_z = 0
    radius = spread(reach)
    here = spread(element(time, i))
    for group in range(low.shape[1] // WIDTH):
        left = bits(below(box_distances(low, high, z, z.shape[0], i, group), radius))
        while left:
            leaf = group * WIDTH + lowest(left)
            left &= left - 1
            far = below(spread(theiler), gap(load(time, leaf * WIDTH), here))
            in_z = distances(z, i, leaf)
            joint = larger(in_z, distances(y, i, leaf))
            near = both(far, below(joint, radius))
            pack(rows, n, rising(leaf * WIDTH), near)
            pack(d_yz, n, joint, near)
            n += ones(bits(near))
            if with_z:
                near = both(far, below(in_z, radius))
                pack(rows_z, n_z, rising(leaf * WIDTH), near)
                pack(d_z, n_z, in_z, near)
                n_z += ones(bits(near))
    return n, n_z


@part
def _sort(rows, distance, n, reach, at, rows_out, distance_out, floors, starts):
    """Into buckets of equal width by distance, from ``at`` on, in the order of the buckets, then eight far entries.

    No distance from entry ``at`` + 8 e on is smaller than ``floors[at // 8 + e]``.
    """
    scale = distance.dtype.type(BUCKETS) / reach
    starts[:] = 0
    for p in range(n):
        starts[np.int64(distance[p] * scale) + 1] += 1
    for b in range(BUCKETS):
        starts[b + 1] += starts[b]
    for p in range(n):
        b = np.int64(distance[p] * scale)
        q = starts[b]
        starts[b] = q + 1
        rows_out[at + q], distance_out[at + q] = rows[p], distance[p]
    for q in range(at + n, at + n + 8):
        rows_out[q], distance_out[q] = 0, FAR
    floor = distance.dtype.type(FAR)
    floors[at // 8 + n // 8 + 1] = floor
    for e in range(at // 8 + n // 8, at // 8 - 1, -1):
        for q in range(8 * e, 8 * e + 8):
            floor = distance_out[q] if distance_out[q] < floor else floor
        floors[e] = floor


@inlined
def _gaps(x, xt, dx, j, here_i, here):
    """Distance of rows j and i in each x of the tile that begins at ``xt``."""
    distance = gap(load(x, xt + j * dx * WIDTH), here)
    for c in range(1, dx):
        there = load(x, xt + (j * dx + c) * WIDTH)
        distance = larger(gap(there, load(x, xt + (here_i * dx + c) * WIDTH)), distance)
    return distance


@inlined
def _search(x, xt, dx, i, rows, d_yz, floors, at, n, shape):
    """Distance of the k-th neighbour of row i in each x of the tile."""
    best = nearest(element(d_yz, at + n), shape)  # the entry behind the last: far
    here = load(x, xt + i * dx * WIDTH)
    for p in range(at, at + n, 8):
        if bits(below(spread(element(floors, p // 8)), best[len(shape) - 1])) == 0:
            break
        for q in range(p, p + 8):
            d = spread(element(d_yz, q))
            best = inserted(best, larger(_gaps(x, xt, dx, np.int64(element(rows, q)), i, here), d))
    return best[len(shape) - 1]


@inlined
def _count_list(x, xt, dx, i, rows, d_z, floors, at, radius):
    """n_z and n_xz over the list of rows near in z."""
    n_z, n_xz, e, end, here = none_counted(), none_counted(), at // 8, largest(radius), load(x, xt + i * dx * WIDTH)
    while element(floors, e) < end:
        for p in range(8 * e, 8 * e + 8):
            near = below(spread(element(d_z, p)), radius)
            n_z = counted(n_z, near)
            n_xz = counted(n_xz, both(near, below(_gaps(x, xt, dx, np.int64(element(rows, p)), i, here), radius)))
        e += 1
    return n_z, n_xz


@inlined
def _count_yz(d_yz, floors, at, radius):
    n_yz, e, end = none_counted(), at // 8, largest(radius)
    while element(floors, e) < end:
        for p in range(8 * e, 8 * e + 8):
            n_yz = counted(n_yz, below(spread(element(d_yz, p)), radius))
        e += 1
    return n_yz


@part
def _window(z, i, n, radius):
    """The rows first..last-1 that are inside the radius in z, and row i itself; rows are in the order of z."""
    first = last = i
    for step in range(-1, 2, 2):
        j, stride = i, 1
        while 0 <= j + step * stride < n and abs(z[0, j + step * stride] - z[0, i]) < radius:
            j += step * stride
            stride *= 2
        while stride > 0:
            if 0 <= j + step * stride < n and abs(z[0, j + step * stride] - z[0, i]) < radius:
                j += step * stride
            stride //= 2
        first, last = j if step < 0 else first, j + 1
    return first, last


@inlined
def _count_window(x, xt, dx, i, z, n, radius):
    """n_z and n_xz for one z, rows in its order; the row itself is counted where the radius is not 0."""
    n_z, n_xz, end = none_counted(), none_counted(), largest(radius)
    z_here, here = spread(element(z, i)), load(x, xt + i * dx * WIDTH)
    if end > 0:
        first, last = _window(z, i, n, end)
        for j in range(first, last):
            near = below(gap(spread(element(z, j)), z_here), radius)
            n_z = counted(n_z, near)
            n_xz = counted(n_xz, both(near, below(_gaps(x, xt, dx, j, i, here), radius)))
    return n_z, n_xz


@inlined
def _without_close(x, xt, dx, i, z, time, place, theiler, radius, n_z, n_xz):
    """The counters without the rows that are too close in time, the row itself included."""
    t, here = np.int64(time[i]), load(x, xt + i * dx * WIDTH)
    first, last = close_in_time(t, theiler, place.shape[0])
    for excluded in range(first, last):
        j = place[excluded]
        near = below(gap(spread(element(z, j)), spread(element(z, i))), radius)
        n_z = uncounted(n_z, near)
        n_xz = uncounted(n_xz, both(near, below(_gaps(x, xt, dx, j, i, here), radius)))
    return n_z, n_xz


@inlined
def _count(x, xt, dx, i, z, time, place, theiler, rows, d_z, floors, at, radius):
    """n_z and n_xz without the rows that are too close in time."""
    if z.shape[0] > 1:
        return _count_list(x, xt, dx, i, rows, d_z, floors, at, radius)
    n_z, n_xz = _count_window(x, xt, dx, i, z, place.shape[0], radius)
    return _without_close(x, xt, dx, i, z, time, place, theiler, radius, n_z, n_xz)


@inlined
def _add_terms(total, t, n_z, n_xz, n_yz, counts, psi):
    store(counts, 0, n_z)
    store(counts, WIDTH, n_xz)
    store(counts, 2 * WIDTH, n_yz)
    for lane in range(WIDTH):
        total[t, lane] += psi[counts[0, lane] + 1] - psi[counts[1, lane] + 1] - psi[counts[2, lane] + 1]


def scratch(filled: int, dtype: Any) -> tuple[NDArray[Any], ...]:
    """Room for the lists of ``search_rows``, made here because numba takes long to compile what makes an array."""
    stride = filled + WIDTH
    real, whole = partial(np.empty, dtype=dtype), partial(np.empty, dtype=np.int32)
    lists = whole(ROWS * stride), real(ROWS * stride), real(ROWS * stride // 8)
    lists_z = whole(ROWS * stride), real(ROWS * stride), real(ROWS * stride // 8)
    collected = whole(stride), real(stride), whole(stride), real(stride)
    sizes = np.empty(BUCKETS + 2, np.int64), np.empty(ROWS, np.int64), real(ROWS), whole((3, WIDTH))
    return (*collected, *lists, *lists_z, *sizes)


@inlined
def _begin(reach, size, start, factor, first, last):
    for i in range(first, last):  # numba takes two seconds to compile an assignment to a slice
        reach[i - first], size[i - first] = start[i] * factor[0], -1


@kernel
def search_rows(  # arrays stay variables of one function: in tuples each call would count their references
    x, dx, y, z, low, high, time, place, theiler, start, factor, shape, psi, total, radii, n_yz_of, room, begin, end
):
    """Add the terms of the rows begin..end-1 to ``total`` (n_tiles, 16).

    ``x`` (n_tiles, filled rows, dx * 16), y and z in leaves. ``start`` times ``factor`` is the first reach of each row.
    ``factor`` is learnt from call to call.
    If ``radii`` (n_tiles, filled, 16) has tiles, nothing is counted in z: the k-th distances and n_yz are stored.
    ``room`` is ``scratch(filled rows, dtype)``.
    """
    filled, margin, stride = z.shape[1], np.float32(theiler + 0.5), z.shape[1] + WIDTH
    deferred = radii.shape[0] > 0
    listed = z.shape[0] > 1 and not deferred
    rows, d_yz, rows_z, d_z, near, near_d, floors, near_z, near_d_z, floors_z, starts, size, reach, counts = room
    for first in range(begin, end, ROWS):
        last = first + ROWS if first + ROWS < end else end
        _begin(reach, size, start, factor, first, last)
        for t in range(x.shape[0]):
            for i in range(first, last):
                xt, b, at = t * filled * dx * WIDTH, i - first, (i - first) * stride
                while True:
                    if size[b] < 0:
                        m, m_z = _collect(y, z, low, high, time, margin, i, reach[b], rows, d_yz, rows_z, d_z, listed)
                        _sort(rows, d_yz, m, reach[b], at, near, near_d, floors, starts)
                        if listed:
                            _sort(rows_z, d_z, m_z, reach[b], at, near_z, near_d_z, floors_z, starts)
                        size[b] = m
                    radius = _search(x, xt, dx, i, near, near_d, floors, at, size[b], shape)
                    found = largest(radius)
                    if found <= reach[b]:
                        break
                    enough, more = found * 1.0001, reach[b] * 1.4
                    reach[b], size[b], factor[0] = enough if enough < more else more, -1, factor[0] * 1.003
                n_yz = _count_yz(near_d, floors, at, radius)
                if deferred:
                    store(radii, (t * filled + i) * WIDTH, radius)
                    store(n_yz_of, (t * filled + i) * WIDTH, n_yz)
                else:
                    inside = _count(x, xt, dx, i, z, time, place, theiler, near_z, near_d_z, floors_z, at, radius)
                    _add_terms(total, t, inside[0], inside[1], n_yz, counts, psi)
        factor[0] *= 0.999 ** (last - first)
