"""Plug-in information over symbols, for IDTxl's chunks, in bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.idtxl.chunks import Array
from causeway.errors import InvalidInput

Values = NDArray[np.float64]
Codes = NDArray[np.int64]
Method = Literal["none", "equal", "max_ent"]


@dataclass(frozen=True, slots=True)
class Symbols:
    """How values become symbols: as they are, in bins of equal width, or in bins of equal counts."""

    method: Method
    var1: int
    var2: int
    conditional: int

    @classmethod
    def from_idtxl(cls, settings: Mapping[str, Any]) -> Symbols:
        """Raises InvalidInput for a method that does not exist, or fewer than two symbols."""
        method = settings.get("discretise_method", "none")
        if method not in get_args(Method):
            raise InvalidInput(f"discretise_method must be none, equal or max_ent; found {method!r}.")
        sizes = [int(settings.get("n_discrete_bins", settings.get(name, 2))) for name in ("alph1", "alph2", "alphc")]
        if min(sizes) < 2:
            raise InvalidInput(f"Alphabets need at least two symbols; found {min(sizes)}.")
        return cls(method, *sizes)

    def codes(self, values: Array, size: int) -> Codes:
        """(n_rows,): one whole number for each distinct row of symbols; 0 for rows without columns."""
        if values.shape[1] == 0:
            return np.zeros(values.shape[0], dtype=np.int64)
        symbols = np.column_stack([self._symbols(column, size) for column in values.T])
        return np.asarray(np.unique(symbols, axis=0, return_inverse=True)[1].reshape(-1), dtype=np.int64)

    def null_freedom(self, n_x: int, n_y: int, n_z: int) -> int:
        """Degrees of freedom over the whole alphabets, of variables with so many dimensions."""
        return int((self.var1**n_x - 1) * (self.var2**n_y - 1) * self.conditional**n_z)

    def _symbols(self, column: Array, size: int) -> Codes:
        if self.method == "equal":
            width = (column.max() - column.min()) / size
            bins = (column - column.min()) / width if width > 0 else np.zeros(len(column))
            return np.minimum(bins.astype(np.int64), size - 1)
        if self.method == "max_ent":
            last = (np.arange(1, size + 1) * len(column) / size).astype(np.int64) - 1
            return np.searchsorted(np.sort(column)[last], column, side="left").astype(np.int64)
        return _whole(column, size)


class PreparedDiscrete:
    """Counts of (y, z) and z are made once."""

    def __init__(self, y: Array, z: Array, symbols: Symbols) -> None:
        self._symbols = symbols
        self._z = symbols.codes(z, symbols.conditional)
        self._yz = _paired(symbols.codes(y, symbols.var2), self._z)

    def each(self, x: Array) -> Values:
        """(n_chunks,) in bits."""
        return np.array([self.local(chunk).mean() for chunk in x])

    def local(self, x: Array) -> Values:
        """(n_rows,): log2 p(x, y, z) p(z) / (p(x, z) p(y, z))."""
        codes = self._symbols.codes(x, self._symbols.var1)
        xz, xyz = _paired(codes, self._z), _paired(codes, self._yz)
        ratio = _count(xyz) * _count(self._z) / (_count(xz) * _count(self._yz))
        return np.asarray(np.log2(ratio))


def _paired(a: Codes, b: Codes) -> Codes:
    return np.asarray(np.unique(a * (int(b.max()) + 1) + b, return_inverse=True)[1], dtype=np.int64)


def _count(codes: Codes) -> Values:
    """How many rows have the code of each row."""
    return np.bincount(codes)[codes].astype(np.float64)


def _whole(column: Array, size: int) -> Codes:
    if not np.issubdtype(column.dtype, np.integer):
        raise InvalidInput(
            "discretise_method none needs whole numbers; found values of type "
            f"{column.dtype}. Pass integers (and Data(normalise=False)), or choose equal or max_ent."
        )
    if column.min() < 0 or column.max() >= size:
        raise InvalidInput(f"Symbols must lie in 0..{size - 1}; found {column.min()}..{column.max()}.")
    return column.astype(np.int64)
