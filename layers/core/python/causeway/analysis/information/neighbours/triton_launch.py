"""Calls the Triton kernels with tiles that suit the number of columns."""

from __future__ import annotations

from typing import Any

import torch
import triton
from torch import Tensor

from causeway.analysis.information.neighbours import triton_kernels as kernels
from causeway.analysis.information.neighbours.torch_kernels import RowLists

MOST_NEIGHBOURS = 16  # k values of a pair live in registers; above, the plain torch kernels compute
_WARPS = 1  # one warp owns a tile: no barrier, no shared memory, a row of x is read once for all rows of the tile


def tile(n_columns: int, k: int, bytes_per_value: int) -> tuple[int, int]:
    """(rows, columns) of one program: 4 x 128 for surrogates at small k; fewer rows as k fills the registers.

    Narrow where a few observed values are asked for, so that few lanes idle, and in double precision, so that
    nothing spills: the compiler keeps every one of these tiles in registers on sm_80 and sm_90.
    """
    rows = 4 if k <= 6 else 2 if k <= 10 else 1
    if n_columns > 32 and bytes_per_value == 4:
        return rows, 128
    return (rows, 32) if n_columns > 4 else (8 * rows, 4)


def list_step(k: int) -> int:
    """Neighbours between two looks whether a search is over; fewer as k fills the registers."""
    return 8 if k <= 8 else 4


def padded(n_columns: int) -> int:
    """Columns to allocate: rows of x then begin where a vector load may, and no count of 1 is compiled apart."""
    return 4 if n_columns <= 4 else -(-n_columns // 16) * 16


def brute_force_sums(
    x: Tensor, near_z: Tensor, near_yz: Tensor, units: Tensor, k: int, *, n_z: int, n_y: int, stored: bool,
    rows_and_columns: tuple[int, int] | None = None,
) -> Tensor:  # fmt: skip
    """(n_columns,) int64 sums over all rows. ``x`` (n_dimensions, n_rows, n_columns), contiguous.

    ``near_z`` and ``near_yz`` are distance matrices with an infinite diagonal where ``stored``; else both are the
    columns of z and then y, (n_dimensions, n_rows).
    """
    n_dimensions, n_rows, n_columns = x.shape
    rows, columns = rows_and_columns or tile(n_columns, k, x.element_size())
    out = torch.empty((triton.cdiv(n_rows, rows), n_columns), dtype=torch.int64, device=x.device)
    kernel: Any = kernels.brute_force
    with _current(x.device):
        kernel[(out.shape[0], triton.cdiv(n_columns, columns))](
            x, near_z, near_yz, units, out, n_rows, n_columns, K=k, DX=n_dimensions, DZ=n_z, DY=n_y, STORED=stored,
            ROWS=rows, COLS=columns, num_warps=_WARPS,
        )  # fmt: skip
    return out.sum(dim=0)


def sorted_lists_sums(x: Tensor, lists: RowLists, units: Tensor, k: int, *, has_z: bool) -> Tensor:
    """(n_columns,) int64 sums over the listed rows."""
    n_dimensions, n_rows, n_columns = x.shape
    n_listed_rows, n_listed = lists.d_yz.shape
    out = torch.empty((n_listed_rows, n_columns), dtype=torch.int64, device=x.device)
    kernel: Any = kernels.sorted_lists
    with _current(x.device):
        kernel[(n_listed_rows, triton.cdiv(n_columns, 128))](
            x, lists.order_yz, lists.d_yz, lists.order_z, lists.d_z, units, out, n_rows, n_columns, lists.first_row,
            n_listed, K=k, DX=n_dimensions, HAS_Z=has_z, STEP=list_step(k), COLS=128, num_warps=1,
        )  # fmt: skip
    return out.sum(dim=0)


def _current(device: torch.device) -> Any:
    """Triton launches on the current device, which need not be the one that holds the tensors."""
    return torch.cuda.device(device if device.type == "cuda" else -1)
