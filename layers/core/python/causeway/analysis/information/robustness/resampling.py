"""Resamples of a panel: halves of time, halves of the asset set.

Where nulls are exact, a resample is a covariance: sums over the blocks of time that were kept, or a part of the matrix.
So it costs additions, not products. Otherwise it is a panel with the rest masked, or with columns left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.gaussian_steps import LaggedCovariance
from causeway.analysis.information.inference.observations import Observations
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Missing

_N_BLOCKS = 20  # of time; fewer where they would be shorter than ten max_lag
_MAX_GRAM_BYTES = 2**28  # of the blocks' products; beyond, a resample multiplies its own rows


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A resample as inference takes it; ``observations`` None means: observe the panel."""

    panel: Panel
    settings: NetworkSettings
    observations: Observations | None


class Resampler:
    """Halves of one panel, the same for every target; ``seen`` is ``observe(panel, settings)``."""

    def __init__(self, panel: Panel, settings: NetworkSettings, seen: Observations) -> None:
        self._panel = panel
        self.settings = settings
        self._seen = seen

    def half_of_time(self, rng: np.random.Generator) -> Part:
        """A random half of the blocks of time."""
        n_rows = self._panel.n_samples if self._seen.covariance is None else self._seen.covariance.n_rows
        edges = block_edges(n_rows, self.settings.max_lag)
        kept = np.sort(rng.permutation(len(edges) - 1)[: len(edges) // 2])
        rows = np.concatenate([np.arange(edges[block], edges[block + 1]) for block in kept])
        if self._seen.covariance is not None:
            covariance = self._covariance_of(rows, kept)
            return Part(self._panel, self.settings, replace(self._seen, covariance=covariance))
        values = np.full_like(self._panel.values, np.nan)
        values[rows] = self._panel.values[rows]
        return Part(Panel(values, self._panel.names), replace(self.settings, missing=Missing.MASK), None)

    def half_of_assets(self, target: int, always: Sequence[str], rng: np.random.Generator) -> Part:
        """The target, the series named in ``always``, and a random half of the others (at least one)."""
        names = self._panel.names
        fixed = {target, *(names.index(name) for name in always)}
        others = np.array([i for i in range(len(names)) if i not in fixed])
        chosen = sorted([*fixed, *rng.permutation(others)[: max(1, others.size // 2)].tolist()])
        part = Panel(np.ascontiguousarray(self._panel.values[:, chosen]), tuple(names[i] for i in chosen))
        if self._seen.covariance is None:
            return Part(part, self.settings, None)
        values = np.ascontiguousarray(self._seen.values[:, chosen])
        return Part(part, self.settings, Observations(part, values, _of_series(self._seen.covariance, chosen)))

    def _covariance_of(self, rows: NDArray[np.int64], blocks: NDArray[np.int64]) -> LaggedCovariance:
        covariance = self._seen.covariance
        assert covariance is not None  # noqa: S101 - only called with one
        columns = covariance.columns[rows]
        mean = columns.mean(axis=0)
        gram = columns.T @ columns if self._grams is None else sum(self._grams[block] for block in blocks)
        return LaggedCovariance(gram / rows.size - np.outer(mean, mean), columns - mean, covariance.n_lags)

    @cached_property
    def _grams(self) -> list[NDArray[np.float64]] | None:
        """The product of the columns over each block; None where they would not fit."""
        columns = self._seen.covariance.columns if self._seen.covariance is not None else np.empty((0, 0))
        edges = block_edges(columns.shape[0], self.settings.max_lag)
        if (len(edges) - 1) * columns.shape[1] ** 2 * 8 > _MAX_GRAM_BYTES:
            return None
        parts = [columns[low:high] for low, high in itertools.pairwise(edges)]
        return [part.T @ part for part in parts]


def block_edges(n_rows: int, max_lag: int) -> NDArray[np.int64]:
    """Where the blocks of time begin, and ``n_rows``."""
    length = max(10 * max_lag, -(-n_rows // _N_BLOCKS))
    return np.unique(np.append(np.arange(0, n_rows, length), n_rows))


def _of_series(covariance: LaggedCovariance, series: Sequence[int]) -> LaggedCovariance:
    n_lags = covariance.n_lags
    columns = (np.array(series)[:, None] * n_lags + np.arange(n_lags)).ravel()
    return LaggedCovariance(
        np.ascontiguousarray(covariance.matrix[np.ix_(columns, columns)]),
        np.ascontiguousarray(covariance.columns[:, columns]),
        n_lags,
    )
