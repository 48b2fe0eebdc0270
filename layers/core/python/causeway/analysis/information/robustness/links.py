"""What a kept link looks like from close by: its lags, its null, its linearity, its value over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.gaussian import tail_probability
from causeway.analysis.information.estimators.protocol import CmiEstimator, Orders, PreparedCmi, Pulse
from causeway.analysis.information.inference.results import SourceEstimate
from causeway.analysis.information.inference.sampled_steps import at_or_above
from causeway.analysis.information.inference.surrogates import available_orders, stream, surrogate_orders
from causeway.analysis.information.robustness.details import LagPoint, NullSample
from causeway.analysis.information.robustness.view import TargetView
from causeway.model.inference import Estimator

N_SURROGATES = 200  # for the shape of a null and the p of single lags; the link's own p drew more
_BINS = 30
_CLEAR_LAG = 0.05
SYMBOLIC = (Estimator.DISCRETE, Estimator.ORDINAL)


@dataclass(frozen=True, slots=True, eq=False)
class LinkLook:
    """One link with everything that its parts share; ``null`` (n_lags, n_surrogates) is None for exact nulls."""

    view: TargetView
    source: SourceEstimate
    prepared: PreparedCmi
    past: NDArray[np.float64]
    each: NDArray[np.float64]
    null: NDArray[np.float64] | None

    @property
    def n_given(self) -> int:
        return len(self.view.elsewhere(self.source))


def look_at(
    view: TargetView, source: SourceEstimate, estimator: CmiEstimator, seed: int, pulse: Pulse | None = None
) -> LinkLook:
    """Estimate every lag of a link alone, and its surrogates where the null is sampled. ``pulse`` may raise to stop."""
    given = view.of(view.elsewhere(source))
    prepared = estimator.prepare(view.y, given, pulse)
    past = view.of(view.past(source.source))
    null = None
    if not view.settings.has_exact_nulls:
        null = prepared.each_surrogate(past, _orders(view, source, given, seed))
    return LinkLook(view, source, prepared, past, prepared.each(past), null)


def _orders(view: TargetView, source: SourceEstimate, given: NDArray[np.float64], seed: int) -> Orders:
    """200 surrogates by the scheme of the question, fewer where it has fewer."""
    rows, settings = view.embedded.rows, view.settings
    count = min(N_SURROGATES, available_orders(view.n_rows, settings, rows))
    rng = stream(seed, view.result.target, f"detail:{source.source}")
    target = view.panel.standardised()[rows, view.index]
    drawn = surrogate_orders(rng, view.n_rows, count, settings, given=given, target=target, rows=rows)
    return np.stack(list(drawn))


def lag_profile(look: LinkLook) -> tuple[LagPoint, ...]:
    """Information and p of each lag alone; p is not corrected for the number of lags."""
    if look.null is None:
        p = tail_probability(look.each, look.view.n_rows, look.n_given)
    else:
        exceeding = np.count_nonzero(at_or_above(look.null, look.each[:, None]), axis=1)
        p = (exceeding + 1) / (look.null.shape[1] + 1)
    return tuple(LagPoint(i + 1, float(look.each[i]), float(p[i])) for i in range(look.each.size))


def effective_lag(profile: tuple[LagPoint, ...]) -> float:
    """Mean lag weighted by information, over lags with p <= 0.05; the strongest lag where there is none."""
    clear = [point for point in profile if point.p <= _CLEAR_LAG and point.te_nats > 0]
    if not clear:
        return float(max(profile, key=lambda point: point.te_nats).lag_bars)
    return sum(point.lag_bars * point.te_nats for point in clear) / sum(point.te_nats for point in clear)


def null_sample(look: LinkLook) -> NullSample:
    """The distribution of the best lag if the link did not exist."""
    observed = float(look.each.max())
    if look.null is None:
        return _exact_null(observed, look.view.n_rows, look.n_given, look.each.size)
    best = look.null.max(axis=0)
    counts, edges = np.histogram(best, bins=_BINS)
    return NullSample("surrogates", _floats(edges), _floats(counts), observed, int(best.size))


def _exact_null(observed: float, n_rows: int, n_given: int, n_lags: int) -> NullSample:
    top = 2.0 / n_rows
    while 1 - (1 - float(tail_probability(top, n_rows, n_given))) ** n_lags > 1e-4:
        top *= 1.25
    edges = np.linspace(0.0, top, _BINS + 1)
    below = (1 - tail_probability(edges, n_rows, n_given)) ** n_lags
    return NullSample("exact", _floats(edges), _floats(1000 * np.diff(below)), observed, 1000)


def linear_part(look: LinkLook, linear: CmiEstimator) -> tuple[float | None, float]:
    """(share of the information that is linear, standardised coefficient of the strongest lag).

    The share compares Gaussian with estimated information, the Gaussian one less its bias of (number of lags)/(2 n).
    """
    view, source = look.view, look.source
    given = view.elsewhere(source)
    lags = view.selected(source)
    coefficient = _coefficient(view, source)
    if view.settings.has_exact_nulls:
        return 1.0, coefficient
    if view.settings.estimator in SYMBOLIC or source.te_nats <= 0:
        return None, coefficient
    gaussian = linear.prepare(view.y, view.of(given)).joint(view.of(lags)) - len(lags) / (2 * view.n_rows)
    return float(np.clip(gaussian / source.te_nats, 0.0, 1.0)), coefficient


def _coefficient(view: TargetView, source: SourceEstimate) -> float:
    """Of the strongest lag in a regression on everything selected, all variables with unit variance."""
    strongest = next(v for v in view.selected(source) if v.lag == source.lag_bars)
    others = [v for v in (*view.elsewhere(source), *view.selected(source)) if v != strongest]
    design = view.of([strongest, *others])
    design = (design - design.mean(axis=0)) / design.std(axis=0)
    y = view.y[:, 0] - view.y.mean()
    return float(np.linalg.lstsq(design, y / y.std(), rcond=None)[0][0])


def local_values(look: LinkLook) -> tuple[float, ...]:
    """Local transfer entropy of the selected lags, one value per row, in nats."""
    return _floats(look.prepared.local(look.view.of(look.view.selected(look.source))))


def _floats(values: NDArray[np.float64] | NDArray[np.int64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
