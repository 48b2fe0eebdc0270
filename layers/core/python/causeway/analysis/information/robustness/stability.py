"""Stability: is a link found again on other stretches of time, and beside other series?

Time: each resample keeps a random half of the blocks of time and masks the rest, so that lags stay whole.
Assets: each resample keeps a random half of the other series. A link that one calm month or one absent series makes
vanish has a low share. Source: stability selection, Meinshausen & Buehlmann 2010 (half samples); that links change
with the set of assets is the experience behind IDTxl's issue 97.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from causeway.analysis.information.inference.multiple_testing import benjamini_yekutieli, harmonic
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import TargetResult
from causeway.analysis.information.inference.surrogates import stream
from causeway.analysis.information.robustness.resampling import Part, Resampler
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput

Infer = Callable[[Part, str], TargetResult]
Keep = Callable[[str, Callable[[], "list[Resample]"]], "list[Resample]"]
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

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {"present": sorted(self.present), "found": self.found}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Resample:
        """The inverse of ``as_json``."""
        return cls(frozenset(fields["present"]), fields["found"])


def resamples(
    resampler: Resampler,
    panel: Panel,
    target: int,
    seed: int,
    runs: int,
    infer: Infer,
    report: Callable[[int], None],
    keep: Keep = lambda _, compute: compute(),
) -> tuple[list[Resample], list[Resample]]:
    """``runs`` resamples of time and ``runs`` of the asset set; ``report`` hears how many are done.

    ``keep`` gets the name of each and what computes it, and may know the outcome from before.

    The halves of time are the same for every target. A half that cannot be analysed (too few rows, a series that
    stands still) is left out, and so is every half of the asset set where there is one other series.
    """
    name, always = panel.names[target], resampler.settings.condition_on
    of_time: list[Resample] = []
    of_assets: list[Resample] = []
    for run in range(runs):
        rng = stream(seed, "stability", "time", run)
        of_time += keep(f"time:{run}", partial(_tried, infer, name, partial(resampler.half_of_time, rng)))
        report(2 * run + 1)
        rng = stream(seed, "stability", "assets", name, run)
        half = partial(resampler.half_of_assets, target, always, rng)
        of_assets += keep(f"assets:{run}", partial(_tried, infer, name, half))
        report(2 * run + 2)
    return of_time, of_assets


def _tried(infer: Infer, name: str, make: Callable[[], Part | None]) -> list[Resample]:
    try:
        part = make()
        return [] if part is None else [_resample(infer(part, name), part)]
    except InvalidInput:
        return []


def _resample(result: TargetResult, part: Part) -> Resample:
    """Found: q < alpha over the candidate sources of this target."""
    n_candidates = part.panel.n_series - 1 - len(part.settings.condition_on)
    q = benjamini_yekutieli([source.p for source in result.sources], n_candidates)
    pairs = zip(result.sources, q, strict=True)
    found = {source.source: source.lag_bars for source, value in pairs if value < part.settings.alpha}
    return Resample(frozenset(part.panel.names), found)


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
    from scipy.stats import fisher_exact  # half of what a process would import before its first estimate

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
