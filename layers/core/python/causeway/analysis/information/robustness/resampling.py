"""Resamples of a panel: halves of time, halves of the asset set.

Where nulls are exact, a resample is a covariance: sums over the blocks of time that were kept, or a part of the matrix.
So it costs additions, not products. Otherwise it is a panel with the rest masked, or with columns left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance
from causeway.analysis.information.inference.observations import Observations
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Missing

_N_BLOCKS = 20  # of time; fewer where they would be shorter than ten max_lag
_LEAST_BLOCKS = 4  # of which six halves can be made
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
        """A random half of the blocks of time. Raises InvalidInput where it cannot be analysed."""
        whole = self._seen.covariance
        edges = block_edges(self._panel.n_samples if whole is None else whole.n_rows, self.settings.max_lag)
        kept = np.sort(rng.permutation(len(edges) - 1)[: len(edges) // 2])
        if whole is not None:
            covariance = self._covariance_of(whole, kept)
            return Part(self._panel, self.settings, replace(self._seen, covariance=covariance))
        rows = np.concatenate([np.arange(edges[block], edges[block + 1]) for block in kept])
        values = np.full_like(self._panel.values, np.nan)
        values[rows] = self._panel.values[rows]
        panel = make_panel(values, self._panel.names, self.settings.max_lag, Missing.MASK)
        return Part(panel, replace(self.settings, missing=Missing.MASK), None)

    def half_of_assets(self, target: int, always: Sequence[str], rng: np.random.Generator) -> Part | None:
        """The target, the series named in ``always``, and a random half of the others; None if there is one other."""
        names = self._panel.names
        fixed = {target, *(names.index(name) for name in always)}
        others = np.array([i for i in range(len(names)) if i not in fixed])
        if others.size < 2:
            return None
        chosen = sorted([*fixed, *rng.permutation(others)[: others.size // 2].tolist()])
        part = Panel(np.ascontiguousarray(self._panel.values[:, chosen]), tuple(names[i] for i in chosen))
        if self._seen.covariance is None:
            return Part(part, self.settings, None)
        values = np.ascontiguousarray(self._seen.values[:, chosen])
        return Part(part, self.settings, Observations(part, values, _of_series(self._seen.covariance, chosen)))

    def _covariance_of(self, whole: LaggedCovariance, blocks: NDArray[np.int64]) -> LaggedCovariance:
        """Over the rows of some blocks, from sums over each."""
        edges = block_edges(whole.n_rows, self.settings.max_lag)
        rows = np.concatenate([np.arange(edges[block], edges[block + 1]) for block in blocks])
        samples, grams = self._products
        mean = samples[:, rows].mean(axis=1)
        if grams:
            gram = np.add.reduce([grams[block] for block in blocks])
        else:
            kept = samples[:, rows]
            gram = kept @ kept.T
        matrix = gram / rows.size - np.outer(mean, mean)
        return LaggedCovariance(matrix, whole.means + mean, whole.series, _samples_of(whole)[rows], rows.size)

    @cached_property
    def _products(self) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
        """Every lagged series, centred, and its products over each block (none where they would not fit)."""
        whole = self._seen.covariance
        if whole is None:
            return np.empty((0, 0)), []
        samples = whole.samples(range(whole.matrix.shape[0]))
        edges = block_edges(whole.n_rows, self.settings.max_lag)
        if (len(edges) - 1) * whole.matrix.nbytes > _MAX_GRAM_BYTES:
            return samples, []
        return samples, [samples[:, low:high] @ samples[:, low:high].T for low, high in pairwise(edges)]


def _samples_of(covariance: LaggedCovariance) -> NDArray[np.int64]:
    """(n_rows,): the sample that each row predicts."""
    rows = covariance.rows
    return np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows


def block_edges(n_rows: int, max_lag: int) -> NDArray[np.int64]:
    """Where the blocks of time begin, and ``n_rows``: an even number of blocks, alike in length up to one row."""
    n_blocks = int(np.clip(n_rows // (10 * max_lag), _LEAST_BLOCKS, _N_BLOCKS))
    return np.linspace(0, n_rows, n_blocks - n_blocks % 2 + 1).astype(np.int64)


def _of_series(covariance: LaggedCovariance, series: Sequence[int]) -> LaggedCovariance:
    """The part about some series."""
    n_series = covariance.series.shape[0]
    n_lags = covariance.matrix.shape[0] // n_series
    columns = (np.arange(n_lags)[:, None] * n_series + np.array(series)).ravel()
    return LaggedCovariance(
        np.ascontiguousarray(covariance.matrix[np.ix_(columns, columns)]),
        covariance.means[columns],
        np.ascontiguousarray(covariance.series[series]),
        covariance.rows,
        covariance.n_rows,
    )
