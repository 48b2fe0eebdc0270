"""Our estimates in the place of JIDT's inside IDTxl: to count what IDTxl estimates, never to time it.

The values agree to 1e-14, so IDTxl decides alike and makes the same estimates; a count takes minutes, not an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from bench.peers.estimates import Array

_FIXED = {"var2", "conditional"}  # what the surrogates of one candidate share


@contextmanager
def our_estimates(estimator: Any) -> Iterator[None]:
    """IDTxl's class ``JidtKraskovCMI`` answers with our values for a while."""
    waiting: list[float] = []
    alone, many = estimator.estimate, estimator.estimate_parallel

    def estimate(_: Any, var1: Array, var2: Array, conditional: Array | None = None) -> float:
        return waiting.pop() if waiting else float(_values(var1[:, :, None], var2, conditional)[0])

    def estimate_parallel(self: Any, n_chunks: int = 1, re_use: Sequence[str] | None = None, **data: Any) -> Any:
        x, y, z = data["var1"], data["var2"], data["conditional"]
        if set(re_use or ()) < _FIXED:
            return many(self, n_chunks=n_chunks, re_use=re_use, **data)
        chunks = x.reshape(n_chunks, len(y), -1)
        waiting.extend(_values(chunks.transpose(1, 2, 0), y, z)[::-1])
        return np.array([self.estimate(var1=chunk, var2=y, conditional=z) for chunk in chunks])

    estimator.estimate, estimator.estimate_parallel = estimate, estimate_parallel
    try:
        yield
    finally:
        estimator.estimate, estimator.estimate_parallel = alone, many


def _values(x: Array, y: Array, z: Array | None) -> Array:
    """I(x[:, :, s]; y | z) of every s, in double precision."""
    from causeway.analysis.information import KsgSettings
    from causeway.analysis.information.estimators.registry import estimator_for

    given = np.empty((len(y), 0)) if z is None else np.ascontiguousarray(z)
    prepared = estimator_for(KsgSettings(k=4, standardise=False)).prepare(np.ascontiguousarray(y), given)
    if x.shape[1] == 1:
        return np.asarray(prepared.each(np.ascontiguousarray(x[:, 0])))
    return np.array([prepared.joint(np.ascontiguousarray(x[:, :, s])) for s in range(x.shape[2])])
