"""One estimate in double precision: the k nearest neighbours of every row, and the counts around it.

For a row i, leaves (sixteen rows with their box in z, see layout.py) are visited outward from its own. A leaf whose
box is farther in z than the k-th distance found so far cannot hold a neighbour, and it holds nothing that is counted
either, since every count is of rows that are near in z. So one pass finds the neighbours and remembers the three
distances (x, y, z) of each visited row, and a second pass over those counts

    algorithm 1:  d < eps in every space, eps the distance of the k-th neighbour
    algorithm 2:  d <= eps_x, eps_y, eps_z, the largest distance of the k neighbours in each space

Rows less than or exactly ``theiler`` bars away in time are no neighbours and not counted: their distance in z is set
to far. The row itself is the case of 0 bars. Without z the leaves are those of y; then every allowed row is near
in z, and x is counted in its own order. The k-th distance is taken from sixteen lists of the k smallest, one for each
lane, so that the pass has no branch that depends on the values of a row.

Sources: Kraskov, Stoegbauer & Grassberger 2004, equations 8 and 9; Frenzel & Pompe 2007 (given z); Wibral et al. 2014
(algorithm 2 given z); Theiler 1986.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.compiling import inlined, kernel, part
from causeway.analysis.information.neighbours.lane_lists import inserted, kth, nearest, where
from causeway.analysis.information.neighbours.lanes import (
    WIDTH,
    below,
    bits,
    both,
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

Array = NDArray[np.float64]
Times = NDArray[np.float32]
NEAR = 2  # leaves on either side in the order of leaves that are seen first


@inlined
def _visit(
    x: Array, y: Array | None, z: Array, time: Times, theiler: float, i: int, leaf: int, slot: int, seen: Array, best
):
    """Remember the distances of a leaf's rows in ``seen`` at ``slot``; put the joint ones into the lists ``best``."""
    close = below(gap(load(time, leaf * WIDTH), spread(element(time, i))), spread(theiler))
    in_z = where(close, spread(FAR), distances(z, i, leaf))
    in_x = distances(x, i, leaf)
    store(seen, slot * WIDTH, in_z)
    if y is None:
        return inserted(best, larger(in_x, in_z))
    plane, in_y = seen.shape[1], distances(y, i, leaf)
    store(seen, plane + slot * WIDTH, in_x)
    store(seen, 2 * plane + slot * WIDTH, in_y)
    return inserted(best, larger(larger(in_x, in_y), in_z))


@inlined
def _between(first: int, last: int) -> int:
    """The bits first..last-1 of sixteen; either may lie outside."""
    first = 0 if first < 0 else (WIDTH if first > WIDTH else first)
    last = 0 if last < 0 else (WIDTH if last > WIDTH else last)
    return (1 << last) - (1 << first)


@inlined
def search(
    x: Array,
    y: Array | None,
    z: Array,
    low: Array,
    high: Array,
    time: Times,
    theiler: float,
    n_ordered: int,
    i: int,
    seen: Array,
    shape,
) -> tuple[int, float]:
    """How many leaves were seen from row i, and the distance of its k-th neighbour.

    With ``y`` None it is part of z, and ``seen`` keeps one distance of each row instead of three (z, x, y).
    If a group of leaves is too far in the first ``n_ordered`` columns of z (none or one), all behind it are.
    """
    n_leaves, n_groups, own = z.shape[1] // WIDTH, low.shape[1] // WIDTH, i // WIDTH
    best = nearest(FAR, shape)
    first = own - NEAR if own > NEAR else 0
    last = own + NEAR + 1 if own + NEAR < n_leaves else n_leaves
    n_seen = last - first
    for leaf in range(first, last):
        best = _visit(x, y, z, time, theiler, i, leaf, leaf - first, seen, best)
    radius = kth(best)
    down, up = own // WIDTH, own // WIDTH + 1
    for turn in range(n_groups):
        if down >= 0 and (turn % 2 == 0 or up >= n_groups):
            group = down
            down -= 1
        else:
            group = up
            up += 1
        left = ~bits(below(spread(radius), box_distances(low, high, z, z.shape[0], i, group))) & 0xFFFF
        left &= ~_between(first - group * WIDTH, last - group * WIDTH)
        before = n_seen
        while left:
            leaf = group * WIDTH + lowest(left)
            left &= left - 1
            best = _visit(x, y, z, time, theiler, i, leaf, n_seen, seen, best)
            n_seen += 1
        if n_seen > before:
            radius = kth(best)
        elif n_ordered > 0 and bits(below(spread(radius), box_distances(low, high, z, n_ordered, i, group))) == 0xFFFF:
            down, up = (down, n_groups) if group > own // WIDTH else (-1, up)
        if down < 0 and up >= n_groups:
            break
    return n_seen, radius


@inlined
def _gap_of_rows(columns: Array, i: int, j: int) -> float:
    largest = 0.0
    for c in range(columns.shape[0]):
        apart = abs(columns[c, i] - columns[c, j])
        largest = apart if apart > largest else largest
    return largest


@inlined
def _count_seen(seen: Array, n_seen: int, r_x: float, r_y: float, r_z: float) -> tuple[int, int, int]:
    """Rows strictly inside the radii in (x, z), (y, z) and z."""
    plane = seen.shape[1]
    n_xz = n_yz = n_z = 0
    for slot in range(n_seen):
        in_z = below(load(seen, slot * WIDTH), spread(r_z))
        n_z += ones(bits(in_z))
        n_xz += ones(bits(both(in_z, below(load(seen, plane + slot * WIDTH), spread(r_x)))))
        n_yz += ones(bits(both(in_z, below(load(seen, 2 * plane + slot * WIDTH), spread(r_y)))))
    return n_xz, n_yz, n_z


@part
def _count_everywhere(x: Array, i: int, r_x: float, ascending: Array) -> int:
    """Rows strictly inside r_x in x alone, the row itself included; ``ascending`` is x in order if it is one column."""
    if x.shape[0] == 1:
        inside = _first_at(ascending, x[0, i], r_x, 1.0) - _first_at(ascending, x[0, i], r_x, -1.0)
        return inside if inside > 0 else 0
    n = 0
    for leaf in range(x.shape[1] // WIDTH):
        n += ones(bits(below(distances(x, i, leaf), spread(r_x))))
    return n


@part
def _first_at(ascending: Array, here: float, radius: float, side: float) -> int:
    """First place above the radius (side 1), or first place inside it (side -1)."""
    first, last = 0, ascending.shape[0]
    while first < last:
        middle = (first + last) // 2
        apart = ascending[middle] - here
        inside = apart < radius if side > 0 else -apart >= radius
        if inside:
            first = middle + 1
        else:
            last = middle
    return first


@part
def _radii(seen: Array, n_seen: int, radius: float, k: int) -> tuple[float, float, float]:
    """The largest distance of the k neighbours in x, y and z, and the next number after each: counts include it."""
    r_x = r_y = r_z = 0.0
    for at_radius in range(2):  # the rows inside first; of those at the same distance, as many as are missing
        for slot in range(n_seen * WIDTH):
            in_z, in_x, in_y = seen[0, slot], seen[1, slot], seen[2, slot]
            joint = in_x if in_x > in_y else in_y
            joint = joint if joint > in_z else in_z
            if k > 0 and (joint == radius if at_radius else joint < radius):
                r_x, r_y = in_x if in_x > r_x else r_x, in_y if in_y > r_y else r_y
                r_z = in_z if in_z > r_z else r_z
                k -= 1
    return np.nextafter(r_x, np.inf), np.nextafter(r_y, np.inf), np.nextafter(r_z, np.inf)


@part
def _term(n_xz: int, n_yz: int, n_z: int, k: int, algorithm: int, given: bool, psi: Array) -> float:
    if algorithm == 1:
        return psi[n_z + 1] - psi[n_xz + 1] - psi[n_yz + 1]
    if not given:
        return psi[n_z + 1] - psi[n_xz] - psi[n_yz] - 1 / k
    return psi[n_z] - psi[n_xz] + 1 / n_xz - psi[n_yz] + 1 / n_yz - 2 / k


@kernel
def local_terms(
    x: Array,
    y: Array,
    z: Array,
    low: Array,
    high: Array,
    time: Times,
    place: NDArray[np.int64],
    ascending: Array,
    shape,
    algorithm: int,
    theiler: int,
    given: bool,
    psi: Array,
    first: int,
    last: int,
    terms: Array,
    radii: Array,
    seen: Array,
) -> None:
    """Terms of the rows first..last without psi(k), in leaf order; their mean plus psi(k) is the estimate.

    x, y, z in leaves (n_dimensions, filled). If nothing is ``given``, z holds y, and y a column of zeros.
    The distances of the k-th neighbours go to ``radii``. ``time`` of each place (filled) and ``place`` of each time.
    ``seen`` (3, filled) is room for distances. ``shape``, a tuple of k zeros, makes k known when this is compiled.
    """
    n, k, margin, n_ordered = place.shape[0], len(shape), np.float32(theiler + 0.5), 1 if z.shape[0] == 1 else 0
    for i in range(first, last):
        n_seen, radius = search(x, y, z, low, high, time, margin, n_ordered, i, seen, shape)
        radii[i] = r_x = r_y = r_z = radius
        if algorithm == 2:
            r_x, r_y, r_z = _radii(seen, n_seen, radius, k)
        n_xz, n_yz, n_z = _count_seen(seen, n_seen, r_x, r_y, r_z)
        if not given:
            t = np.int64(time[i])
            n_yz, n_z, n_xz = n_z, n, _count_everywhere(x, i, r_x, ascending)
            begin, end = close_in_time(t, theiler, n)
            for excluded in range(begin, end):
                n_z -= 1
                n_xz -= _gap_of_rows(x, i, place[excluded]) < r_x
        terms[i] = _term(n_xz, n_yz, n_z, k, algorithm, given, psi)


@kernel
def near_in_strips(
    x: Array, yz: Array, low: Array, high: Array, time: Times, theiler: int, n_ordered: int, shape, first: int,
    last: int, radii: Array, n_yz: NDArray[np.int32], seen: Array,
) -> None:  # fmt: skip
    """Distances of the k-th neighbours of the places first..last, and the rows nearer in (y, z).

    ``yz`` holds z, then y, in leaves; ``n_ordered`` is 1: z is in the order of strips. ``radii`` and ``n_yz``
    (n_rows, 1); ``seen`` (1, filled) is room for distances.
    """
    margin = np.float32(theiler + 0.5)
    for i in range(first, last):
        n_seen, radius = search(x, None, yz, low, high, time, margin, n_ordered, i, seen, shape)
        n = 0
        for slot in range(n_seen):
            n += ones(bits(below(load(seen, slot * WIDTH), spread(radius))))
        radii[i, 0], n_yz[i, 0] = radius, n
