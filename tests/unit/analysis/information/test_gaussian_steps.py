"""The shared covariance and its shortcuts give what least squares on the columns themselves gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import f as f_distribution

from causeway.analysis.information import NetworkSettings, Panel, make_panel
from causeway.analysis.information.estimators.gaussian import score_probability
from causeway.analysis.information.inference.autocorrelation import effective_rows
from causeway.analysis.information.inference.candidates import Candidates
from causeway.analysis.information.inference.embedding import LaggedVariable as V
from causeway.analysis.information.inference.embedding import lagged
from causeway.analysis.information.inference.gaussian_steps import GaussianSteps
from causeway.analysis.information.inference.lagged_covariance import MaskedProducts, row_covariance
from causeway.analysis.information.inference.observations import observe
from causeway.market_data.known_market import known_market
from causeway.model.inference import Autocorrelation, Missing

LAGS = 3
SETTINGS = NetworkSettings(max_lag=LAGS, autocorrelation=Autocorrelation.NONE)
GIVEN = [V(0, 1), V(2, 3)]
CHOSEN = [V(1, 1), V(2, 1), V(1, 3)]


@pytest.fixture
def panel() -> Panel:
    market = known_market(4, 400, 3, seed=3, n_nonlinear=0, partial_r2=(0.05, 0.2))
    return make_panel(market.log_returns, market.symbols, LAGS)


@dataclass
class LeastSquares:
    """Everything from residual sums of squares of the centred columns."""

    columns: NDArray[np.float64]

    def of(self, variables: list[V]) -> NDArray[np.float64]:
        found = np.column_stack([np.ones(len(self.columns)), *[self.columns[:, v.series, v.lag] for v in variables]])
        return np.asarray(found)

    def squares(self, given: list[V]) -> float:
        y, design = self.columns[:, 0, 0], self.of(given)
        return float(np.sum((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2))

    def information(self, variables: list[V], given: list[V]) -> float:
        return 0.5 * float(np.log(self.squares(given) / self.squares([*given, *variables])))

    def p(self, variables: list[V], given: list[V]) -> float:
        q, freedom = len(variables), len(self.columns) - len(given) - len(variables) - 1
        full = self.squares([*given, *variables])
        return float(f_distribution.sf((self.squares(given) - full) / q / (full / freedom), q, freedom))


@pytest.fixture
def reference(panel: Panel) -> LeastSquares:
    return LeastSquares(lagged(panel.standardised(), LAGS))


@pytest.fixture
def steps(panel: Panel) -> GaussianSteps:
    return GaussianSteps(row_covariance(panel.standardised(), LAGS), 0, SETTINGS)


def test_the_covariance_is_that_of_the_lagged_columns(panel: Panel) -> None:
    """Built from one product and the first and last rows; the reference takes every product."""
    found = row_covariance(panel.standardised(), LAGS)
    columns = lagged(panel.standardised(), LAGS).transpose(0, 2, 1).reshape(found.n_rows, -1)
    np.testing.assert_allclose(found.matrix, np.cov(columns, rowvar=False, bias=True), rtol=0, atol=1e-13)
    np.testing.assert_array_equal(found.samples(range(16)).T, columns - found.means)


def test_information_and_joint_test(steps: GaussianSteps, reference: LeastSquares) -> None:
    assert steps.information(CHOSEN, GIVEN) == pytest.approx(reference.information(CHOSEN, GIVEN), abs=1e-12)
    assert steps.joint(CHOSEN, GIVEN, "") == pytest.approx(reference.p(CHOSEN, GIVEN), rel=1e-9)


def test_the_strongest_candidate(steps: GaussianSteps, reference: LeastSquares) -> None:
    """p by Sidak over all candidates; the steps before it leave their downdates behind."""
    candidates = Candidates.past((1, 2, 3), LAGS)
    steps.strongest(candidates, GIVEN[:1], "")
    for given in (GIVEN, GIVEN[:1], [*GIVEN, V(1, 2)]):
        expected = {v: reference.information([v], given) for v in candidates if v not in given}
        found = steps.strongest([v for v in candidates if v not in given], given, "")
        assert found.variable == max(expected, key=lambda v: expected[v])
        assert found.cmi_nats == pytest.approx(max(expected.values()), abs=1e-12)
        assert found.p == pytest.approx(1 - (1 - reference.p([found.variable], given)) ** len(expected), rel=1e-8)


def test_weakest_and_ranked_given_all_others(steps: GaussianSteps, reference: LeastSquares) -> None:
    rest = {v: [*GIVEN, *(o for o in CHOSEN if o != v)] for v in CHOSEN}
    expected = {v: reference.information([v], rest[v]) for v in CHOSEN}
    weakest, ranked = steps.weakest(CHOSEN, GIVEN, ""), steps.ranked(CHOSEN, GIVEN, "")
    assert weakest.variable == min(expected, key=lambda v: expected[v])
    assert weakest.p == pytest.approx(reference.p([weakest.variable], rest[weakest.variable]) ** 3, rel=1e-8)
    assert [one.variable for one in ranked] == sorted(CHOSEN, key=lambda v: -expected[v])
    assert [one.cmi_nats for one in ranked] == pytest.approx(sorted(expected.values())[::-1], abs=1e-12)


def test_coefficient_of_the_standardised_regression(steps: GaussianSteps, reference: LeastSquares) -> None:
    design, y = reference.of([CHOSEN[0], *GIVEN]), reference.columns[:, 0, 0]
    slope = np.linalg.lstsq(design, y, rcond=None)[0][1]
    expected = slope * design[:, 1].std() / y.std()
    assert steps.coefficient(CHOSEN[0], GIVEN) == pytest.approx(expected, abs=1e-12)


def test_collinear_conditions_add_nothing(panel: Panel) -> None:
    """Lag 1 of a series that repeats another one with a bar's delay is that one's lag 2: nothing becomes infinite."""
    values = panel.standardised()
    values[1:, 3] = values[:-1, 1]
    steps = GaussianSteps(row_covariance(values[1:], LAGS), 0, SETTINGS)
    given = [V(1, 2), V(2, 1)]
    for twice in ([*given, V(3, 1)], [V(3, 1), *given]):
        assert steps.information([V(1, 1)], twice) == pytest.approx(steps.information([V(1, 1)], given), abs=1e-9)
        assert steps.link([V(1, 1)], twice, "") == pytest.approx(steps.link([V(1, 1)], given, ""), rel=0.05)
    assert steps.information([V(3, 1)], given) == pytest.approx(0, abs=1e-9)


def test_collinear_conditions_leave_other_answers_alone(panel: Panel) -> None:
    """They load their columns on their own; what was kept of the question before has fewer of them."""
    values = panel.standardised()
    values[1:, 3] = values[:-1, 1]
    steps = GaussianSteps(row_covariance(values[1:], LAGS), 0, NetworkSettings(max_lag=LAGS))
    before = steps.joint([V(2, 1)], [V(0, 1)], "")
    assert before < 0.05  # so that the rows that count were asked for
    steps.link([V(2, 1)], [V(1, 3), V(3, 2)], "")
    assert steps.joint([V(2, 1)], [V(0, 1)], "") == before


@pytest.mark.parametrize("decides", ["F-test", "score test"])
def test_a_link_is_its_best_lag_by_every_test(panel: Panel, decides: str) -> None:
    """The reference looks at every lag: residuals by least squares, F and score test, the rows that count."""
    volatility = np.exp(2 * np.random.default_rng(4).standard_normal(20).repeat(20))[: len(panel.values), None]
    shocks = panel.values * (volatility if decides == "score test" else 1.0)
    values = lfilter([1.0], [1.0, -0.9], shocks, axis=0)  # memory, so that rows do not count
    standard = make_panel(values, panel.names, LAGS).standardised()
    given, past = [V(0, 3), V(2, 2)], [V(1, lag) for lag in (1, 2, 3)]
    reference = LeastSquares(lagged(standard, LAGS))
    design, n = reference.of(given), len(reference.columns)
    x, y = (
        columns - design @ np.linalg.lstsq(design, columns, rcond=None)[0]
        for columns in (reference.columns[:, 1, 1:], reference.columns[:, 0, 0])
    )
    score = score_probability(x, y, design[:, 1:] - design[:, 1:].mean(axis=0))
    each = []
    for lag in range(LAGS):
        r2, freedom = np.corrcoef(x[:, lag], y)[0, 1] ** 2, effective_rows(x[:, lag], y) - len(given) - 2
        each.append((f_distribution.sf(r2 / (1 - r2) * freedom, 1, freedom), score[lag]))
    best = min(each, key=max)
    steps = GaussianSteps(row_covariance(standard, LAGS), 0, NetworkSettings(max_lag=LAGS))
    assert min(effective_rows(x[:, lag], y) for lag in range(LAGS)) < 0.5 * n
    assert (best[1] > 1000 * best[0]) if decides == "score test" else (best[0] > best[1])
    assert steps.link(past, given, "") == pytest.approx(1 - (1 - max(best)) ** LAGS, rel=1e-9)


def test_the_order_of_questions_does_not_matter(panel: Panel) -> None:
    """What one step leaves behind for the next is a shortcut, not a state."""
    covariance = row_covariance(panel.standardised(), LAGS)

    def answers(steps: GaussianSteps) -> list[Callable[[], object]]:
        return [
            lambda: steps.joint(CHOSEN, GIVEN, ""),
            lambda: steps.link([V(1, 1), V(1, 2)], [*GIVEN, V(2, 1)], ""),
            lambda: steps.link([V(3, 1), V(3, 2)], GIVEN, ""),
            lambda: steps.coefficient(V(1, 1), [*GIVEN, V(2, 1)]),
            lambda: [decision.p for decision in steps.ranked(CHOSEN, GIVEN, "")],
            lambda: steps.strongest(Candidates.past((3,), LAGS), [*GIVEN, *CHOSEN], "").p,
        ]

    def fresh() -> GaussianSteps:
        return GaussianSteps(covariance, 0, NetworkSettings(max_lag=LAGS))

    alone = [answers(fresh())[i]() for i in range(6)]
    steps = fresh()
    backwards = [answers(steps)[i]() for i in reversed(range(6))][::-1]
    for one, other in zip(alone, backwards, strict=True):
        assert one == pytest.approx(other, rel=1e-10)


def test_holes_leave_the_rows_around_them_out(panel: Panel) -> None:
    """The reference drops the rows by hand; an hour's hole costs the rows that would look into it."""
    values = panel.values.copy()
    values[100:110, 2] = np.nan
    values[250, 0] = np.nan
    masked = make_panel(values, panel.names, LAGS, Missing.MASK)
    seen = observe(masked, SETTINGS)
    assert seen.covariance is None
    covariance = seen.target_covariance(0, LAGS)
    standard = masked.standardised()
    past = [np.isfinite(standard[t - LAGS : t]).all() for t in range(LAGS, 399)]
    kept = LAGS + np.flatnonzero(past & np.isfinite(standard[LAGS:, 0]))
    assert covariance.n_rows == len(kept) == 396 - (10 + LAGS) - (1 + LAGS) + 1
    np.testing.assert_array_equal(covariance.rows, kept)
    rows = lagged(standard, LAGS)[kept - LAGS]
    steps, reference = GaussianSteps(covariance, 0, SETTINGS), LeastSquares(rows)
    assert steps.information(CHOSEN, GIVEN) == pytest.approx(reference.information(CHOSEN, GIVEN), abs=1e-12)
    assert steps.joint(CHOSEN, GIVEN, "") == pytest.approx(reference.p(CHOSEN, GIVEN), rel=1e-9)


def test_complete_data_give_the_same_with_and_without_mask(panel: Panel) -> None:
    standard = panel.standardised()
    whole, by_rows = row_covariance(standard, LAGS), MaskedProducts.of(standard, LAGS).covariance_of(0)
    np.testing.assert_allclose(whole.matrix, by_rows.matrix, rtol=0, atol=1e-13)
