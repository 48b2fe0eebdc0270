"""The rows of one (y, z), laid out for the search kernels: what every x of a step has in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.layout import FAR, in_leaves, leaf_boxes, leaf_order

_BEFORE_TIME = -1e9  # the time of a row that only fills up a leaf: not close to any


@dataclass(frozen=True)
class Rows:
    """y and z in the order of leaves, each (n_dimensions, filled), with the boxes of the leaves.

    ``time[p]`` is the row at place p, ``place[t]`` the place of row t. Without z (``given`` false) the leaves are those
    of y: ``z`` holds y, and ``y`` one column of zeros. One z is in ascending order.
    """

    given: bool
    time: NDArray[Any]
    place: NDArray[np.int64]
    y: NDArray[Any]
    z: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]

    @classmethod
    def of(cls, y: NDArray[np.float64], z: NDArray[np.float64]) -> Rows:
        """From columns (n_rows, n_dimensions); z may have none."""
        given, n_rows = z.shape[1] > 0, y.shape[0]
        near = z if given else y
        columns = np.ascontiguousarray(near.T)
        order = _ascending(columns[0]) if len(columns) == 1 else leaf_order(columns)
        in_z = in_leaves(near, order)
        in_y = in_leaves(y, order) if given else np.zeros((1, in_z.shape[1]))
        return cls(given, *_time_and_place(order, in_z.shape[1]), in_y, in_z, *leaf_boxes(in_z, n_rows))

    def together(self, places: NDArray[np.int64]) -> Rows:
        """z and y as if y had these columns and nothing were given, in the order of ``places`` of this layout."""
        columns = np.full((self.z.shape[0] + self.y.shape[0], self.z.shape[1]), FAR)
        columns[: self.z.shape[0], : self.n_rows] = self.z[:, places]
        columns[self.z.shape[0] :, : self.n_rows] = self.y[:, places]
        nothing, order = np.zeros((1, columns.shape[1])), self.order[places]
        return Rows(
            False, *_time_and_place(order, columns.shape[1]), nothing, columns, *leaf_boxes(columns, self.n_rows)
        )

    @property
    def n_rows(self) -> int:
        return self.place.size

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The row at each place."""
        return self.time[: self.n_rows].astype(np.int64)

    @cached_property
    def in_single_precision(self) -> Rows:
        """The same in float32; rounding keeps every order, so that the boxes hold their rows."""
        arrays = (a.astype(np.float32) for a in (self.y, self.z, self.low, self.high))
        return Rows(self.given, self.time, self.place, *arrays)

    def placed(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Columns (n_rows, n_dimensions) in the same layout."""
        placed: NDArray[np.float64] = in_leaves(np.ascontiguousarray(x), self.order)
        return placed


def _ascending(column: NDArray[np.float64]) -> NDArray[np.int64]:
    """The stable order; without equal values every order is, and numpy's quickest takes half the time."""
    order = np.argsort(column)
    values = column[order]
    return np.argsort(column, kind="stable") if (values[1:] == values[:-1]).any() else order


def _time_and_place(order: NDArray[np.int64], filled: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    time, place = np.full(filled, _BEFORE_TIME, np.float32), np.empty(order.size, np.int64)
    time[: order.size], place[order] = order, np.arange(order.size)
    return time, place
