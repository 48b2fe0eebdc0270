"""Sums over all rows for one (y, z) on one device, in one precision, by whichever kernels suit the call."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from causeway.analysis.information.neighbours import torch_kernels
from causeway.analysis.information.neighbours.gpu_plan import Call, Nearness, digamma_units, nearness
from causeway.analysis.information.neighbours.torch_kernels import RowLists

Kernels = Literal["auto", "triton", "torch"]
_CPU_BYTES = 2**30  # what the torch kernels may take on a CPU
_LIST_SHARE = 0.1  # of the free memory, for the lists of one block of rows while they are sorted


class Search:
    """Neighbours of every row in (x, y, z), for one y and z and many x."""

    def __init__(
        self, y: NDArray[np.float64], z: NDArray[np.float64], k: int, device: torch.device, dtype: torch.dtype,
        kernels: Kernels,
    ) -> None:  # fmt: skip
        self.n_rows, self.k, self.device, self.dtype = y.shape[0], k, device, dtype
        self._y, self._z = self.upload(y), self.upload(z)
        units, self.unit = digamma_units(self.n_rows)
        self._units = torch.tensor(units, device=device)
        self._triton = _uses_triton(kernels, device, k)
        self._near: Nearness | None = None
        self._matrices: tuple[Tensor, Tensor] | None = None
        self._lists: RowLists | None = None

    @property
    def bytes_per_value(self) -> int:
        return int(self.dtype.itemsize)

    def upload(self, columns: NDArray[np.float64]) -> Tensor:
        """(n_variables, n_rows) in this precision, from (n_rows, n_variables).

        In single precision a value of the column is subtracted first, the median of its rows: information does not
        change, whole numbers stay whole, and a large offset does not eat the digits.
        """
        if self.dtype == torch.float32 and columns.size:
            columns = columns - np.sort(columns, axis=0)[columns.shape[0] // 2]
        return torch.tensor(np.ascontiguousarray(columns.T), dtype=self.dtype, device=self.device)

    def width(self, n_columns: int) -> int:
        """Columns to allocate for a batch of ``n_columns``; what stands in the surplus is of no account."""
        if not self._triton:
            return n_columns
        from causeway.analysis.information.neighbours.triton_launch import padded

        return padded(n_columns)

    def make_ready(self, call: Call) -> None:
        """Build what is kept of the distances; with less memory than planned, less is kept."""
        if self._near == "lists":
            return
        plan = nearness(call, free_bytes(self.device))
        try:
            self._keep(plan)
        except torch.OutOfMemoryError:
            self._matrices, self._lists, self._near = None, None, "on the fly"

    def sums(self, x: Tensor) -> Tensor:
        """(n_columns,) int64 sums of ``torch_kernels.terms`` over all rows; x (n_dimensions, n_rows, n_columns)."""
        if not self._triton:
            found = [torch_kernels.sums(x, lists, self._units, self.k) for lists in self._blocks(x.shape[2])]
            return torch.stack(found).sum(dim=0)
        from causeway.analysis.information.neighbours import triton_launch

        has_z = self._z.shape[0] > 0
        if self._lists is not None:
            return triton_launch.sorted_lists_sums(x, self._lists, self._units, self.k, has_z=has_z)
        near_z, near_yz = self._matrices or (torch.cat([self._z, self._y]),) * 2
        return triton_launch.brute_force_sums(
            x, near_z, near_yz, self._units, self.k, n_z=self._z.shape[0], n_y=self._y.shape[0],
            stored=self._matrices is not None,
        )  # fmt: skip

    def terms(self, x: Tensor) -> Tensor:
        """(n_rows, n_columns) int64, by the torch kernels."""
        return torch.cat([torch_kernels.terms(x, lists, self._units, self.k) for lists in self._blocks(x.shape[2])])

    def _keep(self, plan: Nearness) -> None:
        if not self._triton:
            return
        if plan == "lists":
            self._lists, self._matrices = _joined(list(self._blocks(1))), None
        elif plan == "matrices" and self._matrices is None:
            d_z = torch_kernels.distances(self._z, 0, self.n_rows)
            self._matrices = (d_z, torch.maximum(d_z, torch_kernels.distances(self._y, 0, self.n_rows)))
        self._near = plan

    def _blocks(self, n_columns: int) -> Iterator[RowLists]:
        """Lists of all rows, some rows at a time."""
        per_row = self.n_rows * (2 * self.bytes_per_value + 24) + n_columns * 64
        step = max(1, int(_LIST_SHARE * free_bytes(self.device)) // per_row)
        for start in range(0, self.n_rows, step):
            yield torch_kernels.row_lists(self._y, self._z, start, min(start + step, self.n_rows))


def free_bytes(device: torch.device) -> int:
    """Memory that a call may take: on a GPU what is free, and what torch holds without using it."""
    if device.type != "cuda":
        return _CPU_BYTES
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0] + unused)


def give_memory_back() -> None:
    """After running out of memory, so that a smaller chunk finds room."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _uses_triton(kernels: Kernels, device: torch.device, k: int) -> bool:
    if kernels == "torch" or find_spec("triton") is None:
        return False
    from causeway.analysis.information.neighbours.triton_launch import MOST_NEIGHBOURS

    return k <= MOST_NEIGHBOURS and (kernels == "triton" or device.type == "cuda")


def _joined(blocks: list[RowLists]) -> RowLists:
    fields = ((block.order_yz, block.d_yz, block.order_z, block.d_z) for block in blocks)
    return RowLists(0, *(torch.cat(parts) for parts in zip(*fields, strict=True)))
