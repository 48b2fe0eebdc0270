"""Stability: is a link found again on other stretches of time, and beside other series?

Time: each resample keeps a random half of the blocks of time and masks the rest, so that lags stay whole.
Assets: each resample keeps a random half of the other series. A link that one calm month or one absent series makes
vanish has a low share. Source: stability selection, Meinshausen & Buehlmann 2010 (half samples); that links change
with the set of assets is the experience behind IDTxl's issue 97.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from causeway.analysis.information.inference.multiple_testing import benjamini_yekutieli, harmonic
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import TargetResult
from causeway.analysis.information.inference.surrogates import stream
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Missing

Infer = Callable[[Panel, int, NetworkSettings], TargetResult]
_N_BLOCKS = 20  # of time; at least ten max_lag long each, fewer where the sample is short
_CLEAR_NEED = 0.01  # p, after correction over the other series, for "the link needs this series"


@dataclass(frozen=True, slots=True)
class Stability:
    """``time`` and ``assets`` are shares of resamples in which the link was found again, None without any resample.

    ``lags`` holds the strongest lag of every resample of time in which it was found.
    """

    time: float | None
    assets: float | None
    lags: tuple[int, ...]
    needs: tuple[str, ...]

    @property
    def lag_interval(self) -> tuple[int, int] | None:
        """The middle 95 % of the strongest lags; None where there are fewer than five."""
        if len(self.lags) < 5:
            return None
        low, high = np.quantile(self.lags, [0.025, 0.975], method="inverted_cdf")
        return int(low), int(high)


@dataclass(frozen=True, slots=True, eq=False)
class Resample:
    """What one resample found: strongest lag by source, among the sources that took part."""

    present: frozenset[str]
    found: dict[str, int]


def half_of_time(panel: Panel, max_lag: int, rng: np.random.Generator) -> Panel:
    """The panel with a random half of its blocks of time masked."""
    edges = _block_edges(panel.n_samples, max_lag)
    kept = rng.permutation(len(edges) - 1)[: len(edges) // 2]
    values = np.full_like(panel.values, np.nan)
    for block in kept:
        values[edges[block] : edges[block + 1]] = panel.values[edges[block] : edges[block + 1]]
    return Panel(values, panel.names)


def _block_edges(n_samples: int, max_lag: int) -> NDArray[np.int64]:
    length = max(10 * max_lag, -(-n_samples // _N_BLOCKS))
    return np.unique(np.append(np.arange(0, n_samples, length), n_samples))


def half_of_assets(panel: Panel, target: int, always: Sequence[str], rng: np.random.Generator) -> Panel:
    """The target, the series named in ``always``, and a random half of the others (at least one)."""
    fixed = {target, *(panel.names.index(name) for name in always)}
    others = np.array([i for i in range(panel.n_series) if i not in fixed])
    size = max(1, others.size // 2)
    chosen = sorted([*fixed, *rng.permutation(others)[:size].tolist()])
    return Panel(np.ascontiguousarray(panel.values[:, chosen]), tuple(panel.names[i] for i in chosen))


def resamples(
    panel: Panel,
    target: int,
    settings: NetworkSettings,
    seed: int,
    runs: int,
    infer: Infer,
    report: Callable[[int], None],
) -> tuple[list[Resample], list[Resample]]:
    """``runs`` resamples of time and ``runs`` of the asset set; ``report`` hears how many are done."""
    name = panel.names[target]
    masked = replace(settings, missing=Missing.MASK)
    of_time, of_assets = [], []
    for run in range(runs):
        part = half_of_time(panel, settings.max_lag, stream(seed, "stability", "time", run))
        of_time.append(_resample(infer(part, target, masked), part, masked))
        report(2 * run + 1)
        rng = stream(seed, "stability", "assets", name, run)
        part = half_of_assets(panel, target, settings.condition_on, rng)
        of_assets.append(_resample(infer(part, part.names.index(name), settings), part, settings))
        report(2 * run + 2)
    return of_time, of_assets


def _resample(result: TargetResult, panel: Panel, settings: NetworkSettings) -> Resample:
    """Found: q < alpha over the candidate sources of this target."""
    n_candidates = panel.n_series - 1 - len(settings.condition_on)
    q = benjamini_yekutieli([source.p for source in result.sources], n_candidates)
    found = {s.source: s.lag_bars for s, value in zip(result.sources, q, strict=True) if value < settings.alpha}
    return Resample(frozenset(panel.names), found)


def stability_of(source: str, of_time: Sequence[Resample], of_assets: Sequence[Resample]) -> Stability:
    """The stability of one link."""
    lags = tuple(run.found[source] for run in of_time if source in run.found)
    beside = [run for run in of_assets if source in run.present]
    again = [source in run.found for run in beside]
    return Stability(
        time=len(lags) / len(of_time) if of_time else None,
        assets=float(np.mean(again)) if beside else None,
        lags=lags,
        needs=_needs(source, beside, again),
    )


def _needs(source: str, runs: Sequence[Resample], found: Sequence[bool]) -> tuple[str, ...]:
    """Series without which the link was found less often (Fisher's exact test, Bonferroni over the series)."""
    names = sorted(frozenset().union(*(run.present for run in runs)) - {source}) if runs else []
    needed = []
    for name in names:
        present = np.array([name in run.present for run in runs])
        if present.all() or not present.any():
            continue
        hit = np.array(found)
        table = [[int((present & hit).sum()), int((present & ~hit).sum())],
                 [int((~present & hit).sum()), int((~present & ~hit).sum())]]  # fmt: skip
        if fisher_exact(table, alternative="greater").pvalue * len(names) < _CLEAR_NEED:
            needed.append(name)
    return tuple(needed)


def resampling_settings(settings: NetworkSettings, n_series: int) -> NetworkSettings:
    """The settings of a resample: no more surrogates than a lone link among one target's candidates needs."""
    n_candidates = max(1, n_series - 1 - len(settings.condition_on))
    needed = int(np.ceil(n_candidates * harmonic(n_candidates) / settings.alpha))
    most = max(settings.n_permutations, needed)
    return replace(settings, max_link_permutations=min(settings.max_link_permutations, most))
