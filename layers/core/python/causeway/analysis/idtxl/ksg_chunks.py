"""KSG over IDTxl's chunks, with IDTxl's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.analysis.idtxl.chunks import Array, has_ties, orders_of
from causeway.analysis.idtxl.tie_breaking import noise
from causeway.analysis.information.estimators.protocol import Orders, PreparedCmi, Pulse
from causeway.analysis.information.settings import KsgSettings
from causeway.errors import InvalidInput

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KsgChunks:
    """The settings, read. ``noise_level`` times a standard normal value is added to every value before anything."""

    ksg: KsgSettings
    normalise: bool
    noise_level: float
    seed: int
    exact: bool

    @classmethod
    def from_idtxl(cls, settings: Mapping[str, Any]) -> KsgChunks:
        """Raises InvalidInput for a value that its setting does not have."""
        return cls(
            ksg=KsgSettings(
                k=int(settings.get("kraskov_k", 4)),
                algorithm=settings.get("algorithm_num", 1),
                theiler_bars=int(settings.get("theiler_t", 0)),
                standardise=False,
            ),
            normalise=str(settings.get("normalise", False)).lower() == "true",
            noise_level=_noise_level(settings),
            seed=int(settings.get("rng_seed") or 0),
            exact=str(settings.get("exact_surrogates", False)).lower() == "true",
        )

    def prepare(self, y: Values, z: Values, pulse: Pulse | None = None) -> PreparedKsgChunks:
        """Fix y and z, (n_rows, n_dimensions) each."""
        from causeway.analysis.information.estimators.ksg import KsgCmi  # loads numba

        tied = has_ties(y) or has_ties(z)
        prepared = KsgCmi(self.ksg).prepare(self.ready(y, "var2"), self.ready(z, "conditional"), pulse)
        window = 0 if z.shape[1] else self.ksg.theiler_bars
        return PreparedKsgChunks(self, prepared, tied, _psi_excess(y.shape[0], window))

    def ready(self, values: Values, role: str) -> Values:
        """Standardised if asked for, then with noise, as JIDT does it."""
        if self.normalise and values.shape[1]:
            values = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
        if self.noise_level:
            values = values + self.noise_level * noise(self.seed, role, *values.shape)
        return np.ascontiguousarray(values)


class PreparedKsgChunks:
    """Chunks of x against one y and z. ``excess`` (n_rows,) is added to local values, its mean to the others."""

    def __init__(self, settings: KsgChunks, prepared: PreparedCmi, tied: bool, excess: Values) -> None:
        self._settings, self._prepared, self._tied = settings, prepared, tied
        self._excess, self._mean_excess = excess, float(excess.mean())

    def each(self, x: Array) -> Values:
        """(n_chunks,) for (n_chunks, n_rows, n_dimensions); chunks that are orders of the first count as surrogates."""
        chunks = np.asarray(x, dtype=np.float64)
        orders = orders_of(chunks) if len(chunks) > 1 else None
        return self._one_by_one(chunks) if orders is None else self.surrogates(chunks[0], orders)

    def local(self, x: Array) -> Values:
        """(n_rows,)."""
        return self._prepared.local(self._settings.ready(np.asarray(x, dtype=np.float64), "var1")) + self._excess

    def surrogates(self, x: Array, orders: Orders) -> Values:
        """(n_surrogates,): x (n_rows, n_dimensions) in every order; in single precision where that is safe."""
        values = np.asarray(x, dtype=np.float64)
        if self._settings.exact or self._tied or has_ties(values):
            return self._one_by_one(values[orders])  # single precision would not see the noise that breaks ties
        base = self._settings.ready(values, "var1")
        if values.shape[1] == 1:
            return np.asarray(self._prepared.each_surrogate(base, orders)[0] + self._mean_excess)
        return np.asarray(self._prepared.joint_surrogates(base, orders) + self._mean_excess)

    def _one_by_one(self, chunks: Values) -> Values:
        ready = [self._settings.ready(chunk, "var1") for chunk in chunks]
        if chunks.shape[2] == 1:
            return np.asarray(self._prepared.each(np.ascontiguousarray(np.hstack(ready))) + self._mean_excess)
        return np.array([self._prepared.joint(chunk) for chunk in ready]) + self._mean_excess


def _psi_excess(n_rows: int, window: int) -> Values:
    """What mutual information of JIDT has more than ours under a Theiler window: it keeps psi(N), where a row can have
    neighbours among fewer rows. The same for every surrogate, so that it decides nothing.
    """
    near = np.minimum(np.arange(n_rows), window)
    return np.asarray(digamma(n_rows) - digamma(n_rows - near - near[::-1]))


def _noise_level(settings: Mapping[str, Any]) -> float:
    level = float(settings.get("noise_level", 1e-8))
    if not 0 <= level < np.inf:
        raise InvalidInput(f"noise_level must be zero or more; found {level}.", details={"field": "noise_level"})
    return level
