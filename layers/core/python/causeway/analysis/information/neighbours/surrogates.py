"""Sums over many surrogates of x: chooses precision and way of counting, cuts the work into tiles, calls the kernels.

Single precision changes an estimate only where two distances differ by less than a ten-millionth, and then by one
count in one row. Where values lie on a lattice (whole numbers, prices in ticks) many distances are equal in exact
arithmetic, and rounding decides which count as smaller. So that surrogates are treated as the reported value is,
columns in which more than a tenth of the values are repeated, or become so in single precision, are searched in
double precision; then a surrogate in the order of the rows has the reported value to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.batch import ROWS, scratch, search_rows
from causeway.analysis.information.neighbours.boxes import (
    add_terms,
    add_terms_alone,
    boxes_pay,
    guide_table,
    ranked,
    room_for,
)
from causeway.analysis.information.neighbours.lanes import WIDTH
from causeway.analysis.information.neighbours.rows import Rows
from causeway.analysis.information.neighbours.tiles import fill_tile

_CHUNK_BYTES = 16 * 2**20  # of surrogate columns held at a time by each thread
_PAIRS = 2**28  # rows x tiles x rows between two looks whether to stop: 0.1 to 0.5 CPU s
_LOOK_S = 0.2  # between two looks while threads search
_REPEATED = 0.1  # share of repeated values above which double precision is used
_SMALLEST = 1e-30  # largest value below which double precision is used: steps of guide tables overflow in single
_EXTREME = 28.0  # ratio of densities of x, its mode against its tail: the first guess of the reach

Array = NDArray[np.float64]
Orders = NDArray[np.int64]
Pulse = Callable[[], None]


class SurrogateSearch:
    """Sums of the terms of algorithm 1 without psi(k), for one (y, z).

    ``reach`` is the distance of the k-th neighbour of every place in (y, z).
    """

    def __init__(self, rows: Rows, reach: Array, k: int, theiler: int, psi: Array) -> None:
        dimensions = rows.z.shape[0] + (rows.y.shape[0] if rows.given else 0)
        start = reach ** (dimensions / (dimensions + 1))
        self.rows, self.psi, self.shape, self.theiler = rows, psi, (0,) * k, theiler
        self.start = np.maximum(start, 0.1 * float(start.mean()) or 1.0)
        self.factor = _EXTREME ** (1 / (dimensions + 1))
        columns = [*rows.z, *rows.y] if rows.given else [*rows.z]
        self._double = any(_needs_double(column[: rows.n_rows]) for column in columns)

    @cached_property
    def both(self) -> Rows:
        """The rows laid out by y and z together: boxes need no order in z, and near rows lie close in memory."""
        rows = self.rows
        return Rows.of(np.vstack([rows.y, rows.z])[:, rows.place].T, np.empty((rows.n_rows, 0)))

    @cached_property
    def start_of_both(self) -> Array:
        """``start`` in the order of ``both``."""
        start: Array = self.start[self.rows.place][self.both.order]
        return start

    def sums(self, x: Array, orders: Orders, *, together: bool, pulse: Pulse, n_threads: int) -> NDArray[np.float64]:
        """(n_variables, n_surrogates), or (1, n_surrogates) if all columns are one x ``together``.

        ``pulse`` is called between parts of the work, by the calling thread. Without z, columns are taken one by one.
        """
        double = self._double or any(_needs_double(column) for column in x.T)
        groups = 1 if together else x.shape[1]
        work = _Work(self, x, orders, groups, np.float64 if double else np.float32)
        size = work.tiles_in_a_chunk
        starts = list(range(0, work.n_tiles, size))
        found = []
        for turn in range(0, len(starts), n_threads):
            parts = [(s, min(s + size, work.n_tiles)) for s in starts[turn : turn + n_threads]]
            found += _side_by_side(work.chunk, parts, pulse)
        return np.concatenate(found)[: work.n_x].reshape(groups, -1)


@dataclass(frozen=True)
class _Work:
    search: SurrogateSearch
    x: Array
    orders: Orders
    groups: int
    dtype: type[np.floating[Any]]

    @property
    def n_x(self) -> int:
        return int(self.groups * self.orders.shape[0])

    @property
    def n_tiles(self) -> int:
        return -(-self.n_x // WIDTH)

    @property
    def n_columns(self) -> int:
        return int(self.x.shape[1] // self.groups)

    @property
    def tiles_in_a_chunk(self) -> int:
        return max(1, _CHUNK_BYTES // (self._filled * self.n_columns * WIDTH * np.dtype(self.dtype).itemsize))

    @property
    def _filled(self) -> int:
        return int(self.search.rows.z.shape[1])

    def chunk(self, first: int, last: int, pulse: Pulse) -> Array:
        """Sums of the x of these tiles."""
        search = self.search
        in_boxes = self.n_columns == 1 and boxes_pay(search.rows)
        rows, start = (search.both, search.start_of_both) if in_boxes else (search.rows, search.start)
        rows = rows if self.dtype is np.float64 else rows.in_single_precision
        tiles, totals, factor = (
            self._tiles(rows, first, last),
            np.zeros((last - first, WIDTH)),
            np.array([search.factor]),
        )
        later = (0 if rows.given else last - first, self._filled, WIDTH)
        radii, n_yz = np.empty(later, self.dtype), np.empty(later, np.int32)
        room = scratch(self._filled, self.dtype)
        step = max(1, _PAIRS // (last - first) // rows.n_rows // ROWS) * ROWS
        for begin in range(0, rows.n_rows, step):
            pulse()
            search_rows(
                tiles, self.n_columns, rows.y, rows.z, rows.low, rows.high, rows.time, rows.place, search.theiler,
                start, factor, search.shape, search.psi, totals, radii, n_yz, room,
                begin, min(begin + step, rows.n_rows),
            )  # fmt: skip
        if not rows.given:
            self._count(rows, first, radii, n_yz, totals, pulse)
        return totals.ravel()

    def _tiles(self, rows: Rows, first: int, last: int) -> NDArray[np.floating[Any]]:
        columns = np.ascontiguousarray(self.x.T)
        tiles = np.zeros((last - first, self._filled, self.n_columns * WIDTH), self.dtype)
        for tile in range(last - first):
            fill_tile(tiles[tile], columns, rows.order, self.orders, self.n_x, (first + tile) * WIDTH)
        return tiles

    def _count(self, rows: Rows, first: int, radii: Any, n_yz: NDArray[np.int32], totals: Array, pulse: Pulse) -> None:
        """Add the terms of tiles whose distances are known."""
        search, guides, given, terms = self.search, {}, self.search.rows, np.empty(rows.n_rows)
        room = room_for(rows.n_rows, self.dtype)
        if given.given:  # places in the order of z are its ranks
            ranks = given.place[rows.order]
            z_guide = guide_table(given.z[0, : given.n_rows].astype(self.dtype))
        for m in range(first * WIDTH, min((first + len(totals)) * WIDTH, self.n_x)):
            (tile, lane), variable = divmod(m - first * WIDTH, WIDTH), m // len(self.orders)
            if lane == 0:
                pulse()
            if variable not in guides:
                guides[variable] = ranked(self.x[:, variable], self.dtype)
            of_x = (
                *guides[variable],
                self.orders[m % len(self.orders)],
                rows.time,
                rows.place,
                search.theiler,
                search.psi,
            )
            if given.given:
                totals[tile, lane] = add_terms(radii[tile], n_yz[tile], lane, z_guide, ranks, *of_x, room, terms)
            else:
                totals[tile, lane] = add_terms_alone(radii[tile], n_yz[tile], lane, *of_x, room)


def _needs_double(column: Array) -> bool:
    """Whether many values are repeated in single precision, or its smallest numbers are too large for them."""
    ascending = np.sort(column.astype(np.float32))
    tiny = max(ascending[-1], -ascending[0]) < _SMALLEST
    return bool(tiny) or int(np.count_nonzero(ascending[1:] == ascending[:-1])) > _REPEATED * column.size


def _side_by_side(chunk: Callable[[int, int, Pulse], Array], parts: list[tuple[int, int]], pulse: Pulse) -> list[Array]:
    """Each part on a thread of its own; when ``pulse`` raises here, they end at their next look."""
    if len(parts) == 1:
        return [chunk(*parts[0], pulse)]
    stopped = Event()

    def look() -> None:
        if stopped.is_set():
            raise CancelledError

    with ThreadPoolExecutor(len(parts)) as pool:
        try:
            futures = [pool.submit(chunk, *part, look) for part in parts]
            pulse()
            while wait(futures, timeout=_LOOK_S).not_done:
                pulse()
        except BaseException:
            stopped.set()
            raise
        return [future.result() for future in futures]
