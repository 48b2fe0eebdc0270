"""One target's answer beside the data it came from: which columns play which part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.embedding import Embedded, LaggedVariable, embed
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import InferenceMode

Columns = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TargetView:
    """``embedded`` holds the values that the estimator sees; ``own`` and ``drivers`` are what was conditioned on."""

    panel: Panel
    settings: NetworkSettings
    result: TargetResult
    index: int
    embedded: Embedded
    own: tuple[LaggedVariable, ...]
    drivers: tuple[LaggedVariable, ...]

    @property
    def n_rows(self) -> int:
        return int(self.embedded.rows.shape[0])

    @property
    def y(self) -> Columns:
        """(n_rows, 1): the predicted values."""
        return self.of([LaggedVariable(self.index, 0)])

    def of(self, variables: Sequence[LaggedVariable]) -> Columns:
        """(n_rows, n_variables), C-contiguous."""
        series, lags = [v.series for v in variables], [v.lag for v in variables]
        return np.ascontiguousarray(self.embedded.columns[:, series, lags])

    def past(self, source: str) -> list[LaggedVariable]:
        """All lags of a source."""
        series = self.panel.names.index(source)
        return [LaggedVariable(series, lag) for lag in range(1, self.settings.max_lag + 1)]

    def selected(self, source: SourceEstimate) -> list[LaggedVariable]:
        """The lags of a source that were selected."""
        series = self.panel.names.index(source.source)
        return [LaggedVariable(series, lag) for lag in source.lags]

    def elsewhere(self, source: SourceEstimate) -> list[LaggedVariable]:
        """What a link of this source is conditioned on."""
        given = [*self.own, *self.drivers]
        if self.settings.mode in (InferenceMode.BIVARIATE_TE, InferenceMode.BIVARIATE_MI):
            return given
        return given + [v for one in self.result.sources if one.source != source.source for v in self.selected(one)]


def view_target(panel: Panel, values: Columns, settings: NetworkSettings, result: TargetResult) -> TargetView:
    """The view of one target; ``values`` (n_samples, n_series) are what the estimator sees of the panel."""
    index = panel.names.index(result.target)
    with_past = settings.mode in (InferenceMode.MULTIVARIATE_TE, InferenceMode.BIVARIATE_TE)
    own = tuple(LaggedVariable(index, lag) for lag in result.own_lags) if with_past else ()
    return TargetView(
        panel, settings, result, index, embed(values, index, settings.max_lag), own, _drivers(panel, result)
    )


def _drivers(panel: Panel, result: TargetResult) -> tuple[LaggedVariable, ...]:
    return tuple(LaggedVariable(panel.names.index(name), lag) for name, lag in result.driver_lags)
