"""IDTxl's chunks: several data sets of equal length, one below the other in one array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import Orders
from causeway.errors import InvalidInput

Array = NDArray[Any]  # float64, or whole numbers for discrete estimators


def split(values: Array, n_chunks: int) -> Array:
    """(n_chunks, n_rows, n_dimensions) of an array of (n_chunks n_rows, n_dimensions), or of one dimension.

    Raises:
        InvalidInput: more than two dimensions, no rows, or rows that do not divide into ``n_chunks``.
    """
    array = np.asarray(values)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2:
        raise InvalidInput(f"Variables must have one or two dimensions; found shape {array.shape}.")
    if n_chunks < 1 or array.shape[0] == 0 or array.shape[0] % n_chunks:
        raise InvalidInput(f"{array.shape[0]} rows do not divide into {n_chunks} chunks of equal length.")
    return array.reshape(n_chunks, -1, array.shape[1])


def collapse(chunks: Array) -> Array:
    """One chunk if all are equal, else all of them. IDTxl repeats what stays the same over chunks."""
    first = chunks[:1]
    return first if len(chunks) > 1 and bool((chunks == first).all()) else chunks


def orders_of(chunks: Array) -> Orders | None:
    """(n_chunks, n_rows): the order in which the rows of the first chunk make up each chunk; None if they do not.

    Surrogates are such chunks, and knowing their orders lets an estimator prepare their values once.
    Equal rows are interchangeable, so that ``chunks[0][order]`` equals the chunk whichever is taken.
    """
    ranks = np.argsort(chunks[:, :, 0], axis=1) if chunks.shape[2] == 1 else np.stack([_ranks(c) for c in chunks])
    ranked = np.take_along_axis(chunks, ranks[:, :, None], axis=1)
    if not (ranked == ranked[0]).all():
        return None
    orders = np.empty(chunks.shape[:2], dtype=np.int64)
    np.put_along_axis(orders, ranks, ranks[:1].repeat(len(chunks), axis=0), axis=1)
    return orders


def _ranks(chunk: Array) -> NDArray[np.int64]:
    return np.asarray(np.lexsort(chunk.T), dtype=np.int64)


def has_ties(values: Array) -> bool:
    """Whether any column of (n_rows, n_dimensions) holds a value twice."""
    ranked = np.sort(values, axis=0)
    return bool((ranked[1:] == ranked[:-1]).any())
