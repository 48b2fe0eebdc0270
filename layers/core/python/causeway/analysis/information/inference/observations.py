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
    embedded_covariance,
    row_covariance,
)
from causeway.analysis.information.inference.panel import MIN_SAMPLES, Panel, too_few_rows
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Transform


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """``values`` (n_samples, n_series): standardised, normal scores or symbols; NaN where there is none.

    ``covariance`` is that of all lagged series where nulls are exact and nothing is missing, else None.
    """

    panel: Panel
    values: NDArray[np.float64]
    covariance: LaggedCovariance | None

    def embedded(self, target: int, max_lag: int) -> Embedded:
        """The rows that can be used for one target.

        Raises:
            InvalidInput: too few of them; the message names the series with most holes.
        """
        found = embed(self.values, target, max_lag)
        if found.rows.size < MIN_SAMPLES:
            raise too_few_rows(self.panel.values, self.panel.names, target, int(found.rows.size))
        return found

    def target_covariance(self, target: int, max_lag: int) -> LaggedCovariance:
        """The shared covariance, or that of the target's own rows where samples are missing."""
        return self.covariance or embedded_covariance(self.values, self.embedded(target, max_lag))


def observe(panel: Panel, settings: NetworkSettings) -> Observations:
    """The panel as the estimator of ``settings`` sees it."""
    values = estimator_values(panel, settings)
    shared = settings.has_exact_nulls and bool(np.isfinite(values).all())
    return Observations(panel, values, row_covariance(values, settings.max_lag) if shared else None)


def estimator_values(panel: Panel, settings: NetworkSettings) -> NDArray[np.float64]:
    """Shape (n_samples, n_series): standardised, then ranked if asked, then bins or patterns if the estimator's."""
    values = panel.standardised()
    if settings.transform is Transform.RANK:
        values = normal_scores(values)
    return np.ascontiguousarray(prepare_series(values, settings.estimator_settings))
