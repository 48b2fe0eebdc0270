"""KSG algorithm 1 in plain torch, on any device: the reference of the Triton kernels and their fall-back.

Per row, the other rows are sorted by their distance in (y, z) and in z. A search looks at the nearest only and
widens until none that was left out can come in. All arithmetic is one subtraction, absolute values, maxima and
comparisons, so that counts are the same on every device. ``x`` has shape (n_dimensions, n_rows, n_columns).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_FIRST_LENGTH = 64  # neighbours that the first look takes
_GAPS_AT_ONCE = 2**22  # distances held at a time on the CPU: 16 MB in single precision
_GAPS_AT_ONCE_GPU = 2**27


@dataclass(frozen=True)
class RowLists:
    """Neighbours of rows ``first_row`` onwards, nearest first; each of shape (n_listed_rows, n_rows - 1)."""

    first_row: int
    order_yz: Tensor  # int32
    d_yz: Tensor
    order_z: Tensor  # int32; any order where there is no z
    d_z: Tensor  # -1 where there is no z: within any radius

    @property
    def n_bytes(self) -> int:
        tensors = (self.order_yz, self.d_yz, self.order_z, self.d_z)
        return sum(tensor.element_size() * tensor.numel() for tensor in tensors)


def distances(columns: Tensor, start: int, stop: int) -> Tensor:
    """(stop - start, n_rows): maximum-norm distances from some rows of ``columns`` (n_dimensions, n_rows) to all.

    Infinite from a row to itself. Zero elsewhere if there is no dimension.
    """
    n_rows = columns.shape[1]
    found = columns.new_zeros((stop - start, n_rows))
    for column in columns:
        torch.maximum(found, (column[start:stop, None] - column[None, :]).abs_(), out=found)
    found[torch.arange(stop - start), torch.arange(start, stop)] = torch.inf
    return found


def row_lists(y: Tensor, z: Tensor, start: int, stop: int) -> RowLists:
    """Lists of rows ``start`` to ``stop``; y and z have shape (n_dimensions, n_rows)."""
    d_z = distances(z, start, stop)
    d_yz, order_yz = _sorted(torch.maximum(d_z, distances(y, start, stop)))
    d_z, order_z = _sorted(d_z) if z.shape[0] else (torch.full_like(d_yz, -1), order_yz)
    return RowLists(start, order_yz, d_yz, order_z, d_z)


def _sorted(distance: Tensor) -> tuple[Tensor, Tensor]:
    """Ascending, without the row itself, which is last at an infinite distance."""
    values, order = torch.sort(distance, dim=1)
    return values[:, :-1].contiguous(), order[:, :-1].to(torch.int32)


def terms(x: Tensor, lists: RowLists, units: Tensor, k: int) -> Tensor:
    """psi(n_z + 1) - psi(n_xz + 1) - psi(n_yz + 1) in ``units``: (n_listed_rows, n_columns)."""
    n_listed, width = lists.d_yz.shape[0], x.shape[2]
    limit = _GAPS_AT_ONCE if x.device.type == "cpu" else _GAPS_AT_ONCE_GPU
    step = max(1, limit // (width * _FIRST_LENGTH * x.shape[0]))
    parts = [
        _terms_of(x, _cut(lists, at, min(at + step, n_listed)), units, k, limit) for at in range(0, n_listed, step)
    ]
    return torch.cat(parts)


def sums(x: Tensor, lists: RowLists, units: Tensor, k: int) -> Tensor:
    """``terms`` summed over the listed rows: (n_columns,), int64, exact."""
    return terms(x, lists, units, k).sum(dim=0)


def _terms_of(x: Tensor, lists: RowLists, units: Tensor, k: int, limit: int) -> Tensor:
    radius = _kth_distance(x, lists, k)
    n_yz = torch.searchsorted(lists.d_yz, radius)
    n_z = torch.searchsorted(lists.d_z, radius)
    n_xz = _count_inside(x, lists, radius, int(n_z.max()), limit)
    return units[n_z + 1] - units[n_xz + 1] - units[n_yz + 1]


def _kth_distance(x: Tensor, lists: RowLists, k: int) -> Tensor:
    """(n_listed_rows, n_columns): distance to the k-th neighbour in (x, y, z)."""
    length, n_others = max(_FIRST_LENGTH, 2 * k), lists.d_yz.shape[1]
    while True:
        length = min(length, n_others)
        distance = _gaps(x, lists.first_row, lists.order_yz[:, :length])
        torch.maximum(distance, lists.d_yz[:, :length, None], out=distance)
        kth = torch.topk(distance, k, dim=1, largest=False).values[:, -1].contiguous()
        if length == n_others or bool((kth <= lists.d_yz[:, length - 1 : length]).all()):
            return kth
        length *= 2


def _count_inside(x: Tensor, lists: RowLists, radius: Tensor, longest: int, limit: int) -> Tensor:
    """Neighbours strictly inside ``radius`` in (x, z), among the first ``longest`` in z."""
    count = torch.zeros(radius.shape, dtype=torch.int64, device=radius.device)
    step = max(1, limit // (radius.numel() * x.shape[0]))
    for at in range(0, longest, step):
        part = slice(at, min(at + step, longest))
        distance = _gaps(x, lists.first_row, lists.order_z[:, part])
        torch.maximum(distance, lists.d_z[:, part, None], out=distance)
        count += (distance < radius[:, None, :]).sum(dim=1)
    return count


def _gaps(x: Tensor, first_row: int, order: Tensor) -> Tensor:
    """(n_listed_rows, length, n_columns): distances in x from each listed row to the rows that ``order`` names."""
    here = x[:, first_row : first_row + order.shape[0], None, :]
    there = x[:, order.reshape(-1)].reshape(x.shape[0], *order.shape, x.shape[2])
    return (there - here).abs_().amax(dim=0)


def _cut(lists: RowLists, start: int, stop: int) -> RowLists:
    pieces = (tensor[start:stop] for tensor in (lists.order_yz, lists.d_yz, lists.order_z, lists.d_z))
    return RowLists(lists.first_row + start, *pieces)
