"""What the estimator sees of a panel, computed once for all targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.copula import normal_scores
from causeway.analysis.information.estimators.registry import prepare_series
from causeway.analysis.information.inference.embedding import Embedded, embed
from causeway.analysis.information.inference.lagged_covariance import (
    LaggedCovariance,
    MaskedProducts,
    row_covariance,
)
from causeway.analysis.information.inference.panel import MIN_SAMPLES, Panel, too_few_rows
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Transform


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """``values`` (n_samples, n_series): standardised, normal scores or symbols; NaN where there is none.

    Where nulls are exact, ``covariance`` is that of all lagged series if nothing is missing, else ``masked`` has the
    sums from which each target's follows.
    """

    panel: Panel
    values: NDArray[np.float64]
    covariance: LaggedCovariance | None
    masked: MaskedProducts | None = None

    def embedded(self, target: int, max_lag: int) -> Embedded:
        """The rows that can be used for one target.

        Raises:
            InvalidInput: too few of them; the message names the series with most holes.
        """
        found = embed(self.values, target, max_lag)
        self._check_rows(target, int(found.rows.size))
        return found

    def target_covariance(self, target: int, max_lag: int) -> LaggedCovariance:
        """The shared covariance, or that of the target's own rows where samples are missing. Raises as ``embedded``."""
        if self.covariance is not None:
            return self.covariance
        masked = self.masked or MaskedProducts.of(self.values, max_lag)
        self._check_rows(target, int(masked.rows_of(target).size))
        return masked.covariance_of(target)

    def _check_rows(self, target: int, n_rows: int) -> None:
        if n_rows < MIN_SAMPLES:
            raise too_few_rows(self.panel.values, self.panel.names, target, n_rows)


def observe(panel: Panel, settings: NetworkSettings) -> Observations:
    """The panel as the estimator of ``settings`` sees it."""
    values = estimator_values(panel, settings)
    if not settings.has_exact_nulls:
        return Observations(panel, values, None)
    if np.isfinite(values).all():
        return Observations(panel, values, row_covariance(values, settings.max_lag))
    return Observations(panel, values, None, MaskedProducts.of(values, settings.max_lag))


def estimator_values(panel: Panel, settings: NetworkSettings) -> NDArray[np.float64]:
    """Shape (n_samples, n_series): standardised, then ranked if asked, then bins or patterns if the estimator's."""
    values = panel.standardised()
    if settings.transform is Transform.RANK:
        values = normal_scores(values)
    return np.ascontiguousarray(prepare_series(values, settings.estimator_settings))
