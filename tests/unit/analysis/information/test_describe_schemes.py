"""The null that is shown of a link is drawn by the scheme that tested it, and can be stopped."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.estimators.registry import prepared_estimator_for
from causeway.analysis.information.inference.network import InferenceCancelled, infer_target
from causeway.analysis.information.inference.observations import estimator_values
from causeway.analysis.information.inference.panel import Panel, make_panel
from causeway.analysis.information.robustness.describe import describe_target
from causeway.analysis.information.robustness.details import TargetDetail
from causeway.analysis.information.robustness.links import LinkLook, look_at
from causeway.analysis.information.robustness.view import view_target
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator, Missing, SurrogateScheme


def panel(n: int = 150) -> Panel:
    values = np.random.default_rng(5).standard_normal((n, 2))
    values[1:, 1] += values[:-1, 0]
    return make_panel(values, ("a", "b"), 1)


def settings(
    estimator: Estimator = Estimator.ORDINAL,
    surrogates: SurrogateScheme = SurrogateScheme.BLOCK,
    block_bars: int | None = None,
    missing: Missing = Missing.DROP,
) -> NetworkSettings:
    return NetworkSettings(
        max_lag=1,
        estimator=estimator,
        ordinal_order=2,
        n_permutations=20,
        max_link_permutations=100,
        surrogates=surrogates,
        block_bars=block_bars,
        missing=missing,
    )


def described(of: Panel, chosen: NetworkSettings) -> TargetDetail:
    return describe_target(of, chosen, 1, infer_target(of, 1, chosen, 1), 0)


def look(of: Panel, chosen: NetworkSettings) -> LinkLook:
    view = view_target(of, estimator_values(of, chosen), chosen, infer_target(of, 1, chosen, 1))
    return look_at(view, view.result.sources[0], prepared_estimator_for(chosen.estimator_settings), 1)


@pytest.mark.parametrize(
    ("scheme", "shown"),
    [
        (SurrogateScheme.BLOCK, 200),
        (SurrogateScheme.PERMUTATION, 200),
        (SurrogateScheme.VOLATILITY, 200),
        (SurrogateScheme.CIRCULAR, 145),  # patterns leave 148 rows, and shifts by more than one bar
    ],
)
def test_a_target_is_described_under_every_scheme(scheme: SurrogateScheme, shown: int) -> None:
    [link] = described(panel(), settings(surrogates=scheme)).links
    assert link.source == "a"
    assert link.null is not None
    assert link.null.n == shown


def test_a_block_length_from_the_data_is_described() -> None:
    [link] = described(panel(), settings(block_bars=0)).links
    assert link.source == "a"


def test_replications_are_described() -> None:
    """Eight replications of 31 bars, apart by a row of NaN."""
    parts = [panel(31).values if not i else np.random.default_rng(i).standard_normal((31, 2)) for i in range(8)]
    for part in parts[1:]:
        part[1:, 1] += part[:-1, 0]
    values = np.vstack([np.vstack([part, np.full((1, 2), np.nan)]) for part in parts])
    of = make_panel(values, ("a", "b"), 1, Missing.MASK)
    [link] = described(of, settings(surrogates=SurrogateScheme.REPLICATIONS, missing=Missing.MASK)).links
    assert link.source == "a"


def test_local_surrogates_are_local_to_what_was_conditioned_on() -> None:
    """Among rows of the same past, so not the surrogates of the permutation scheme."""
    local = look(panel(), settings(Estimator.KSG, SurrogateScheme.LOCAL))
    anywhere = look(panel(), settings(Estimator.KSG, SurrogateScheme.PERMUTATION))
    assert local.null is not None
    assert anywhere.null is not None
    assert not np.array_equal(local.null, anywhere.null)


def test_a_long_look_is_stopped_inside() -> None:
    of, chosen = panel(), settings()
    result = infer_target(of, 1, chosen, 1)
    asked = [0]

    def enough(limit: int) -> bool:
        asked[0] += 1
        return asked[0] > limit

    describe_target(of, chosen, 1, result, 0, should_stop=lambda: enough(10**9))
    whole, asked[0] = asked[0], 0
    assert whole > 8  # not only between the three parts of the answer
    with pytest.raises(InferenceCancelled):
        describe_target(of, chosen, 1, result, 0, should_stop=lambda: enough(whole - 2))
