"""The defects that ``compat="idtxl"`` repeats, one by one; tests/answers holds every number against IDTxl."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.idtxl.compat import analyse_target, infer_target
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference import network
from causeway.analysis.information.inference.panel import make_panel
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Estimator, SurrogateScheme

BASE: dict[str, Any] = {"cmi_estimator": "JidtGaussianCMI", "max_lag_sources": 2, "min_lag_sources": 1}


def coupled(n_samples: int = 200, seed: int = 1) -> NDArray[np.float64]:
    """0 and 1 drive 2 at lag 1; white noise otherwise."""
    values = np.random.default_rng(seed).normal(size=(n_samples, 3))
    values[1:, 2] += 0.6 * values[:-1, 0] + 0.5 * values[:-1, 1]
    centred = values - values.mean(axis=0)
    return np.asarray(centred / centred.std(axis=0, ddof=1))


def settings(**extra: Any) -> IdtxlSettings:
    return IdtxlSettings.from_dict({**BASE, **extra})


def test_sources_are_found_in_the_order_of_their_strength() -> None:
    found, tests = analyse_target(coupled(), 2, settings(), 1)
    assert found.selected_vars_sources == ((1, 1), (0, 1))
    first, second, third = [test for test in tests if test.step == "sources"]
    assert (first.significant, second.significant, third.significant) == (True, True, False)
    assert found.current_value == (2, 2)
    assert found.omnibus_sign


def test_lag_one_is_forced_where_the_own_past_tells_nothing() -> None:
    found, tests = analyse_target(coupled(), 2, settings(), 1)
    assert not tests[0].significant
    assert found.selected_vars_target == ((2, 1),)


def test_p_is_the_share_of_the_null_never_below_one_in_n() -> None:
    _, tests = analyse_target(coupled(), 2, settings(n_perm_max_stat=40), 1)
    first_source = next(test for test in tests if test.step == "sources")
    assert first_source.p == 1 / 40  # nothing reaches it: ours would say 1/41
    assert all((test.p * (40 if test.step in ("target", "sources") else 500)) % 1 < 1e-9 for test in tests)


def test_gaussian_pruning_removes_nothing_from_two_sources_up() -> None:
    """The null of a source given itself is all zero, and so is the minimum over sources."""
    lenient = settings(max_lag_sources=5, alpha_max_stat=0.95)
    found, tests = analyse_target(coupled(), 0, lenient, 1)
    prune = [test for test in tests if test.step == "prune"]
    assert sum(test.step == "sources" and test.significant for test in tests) >= 2, "needs two sources to prune"
    assert [(test.p, test.significant) for test in prune] == [(1 / 500, True)]
    assert found.target == 0


def test_a_null_of_exactly_alpha_is_not_significant() -> None:
    """IDTxl asks for p strictly below alpha."""
    values = coupled()
    p = analyse_target(values, 0, settings(), 1)[1][0].p
    at = analyse_target(values, 0, settings(alpha_max_stat=p), 1)[1][0]
    above = analyse_target(values, 0, settings(alpha_max_stat=p + 1e-9), 1)[1][0]
    assert (at.p, at.significant, above.significant) == (p, False, True)


def test_the_same_seed_gives_the_same_tests() -> None:
    few = settings(cmi_estimator="JidtKraskovCMI", n_perm_max_stat=25, n_perm_min_stat=25, n_perm_omnibus=25)
    assert analyse_target(coupled(80), 2, few, 3) == analyse_target(coupled(80), 2, few, 3)


@pytest.mark.parametrize("key", ["local_values", "add_conditionals"])
def test_what_only_real_idtxl_has_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match=key):
        analyse_target(coupled(), 2, settings(**{key: True}), 1)


def test_the_engine_hears_of_progress_and_can_stop_it() -> None:
    told: list[float] = []
    panel = make_panel(coupled(), ["A", "B", "C"], 2)
    result = infer_target(panel, 2, NetworkSettings(max_lag=2, compat="idtxl"), 1, Stages(told.append, lambda: None))
    assert [source.source for source in result.sources] == ["A", "B"]
    assert told == sorted(told)
    assert 0 < told[-1] < 1
    with pytest.raises(network.InferenceCancelled):
        network.infer_target(panel, 2, NetworkSettings(max_lag=2, compat="idtxl"), 1, should_stop=lambda: True)


def test_the_network_engine_finds_compat_by_its_name() -> None:
    panel = make_panel(coupled(), ["A", "B", "C"], 2)
    ksg = NetworkSettings(
        estimator=Estimator.KSG, max_lag=2, n_permutations=40, surrogates=SurrogateScheme.PERMUTATION, compat="idtxl"
    )
    assert [source.source for source in network.infer_target(panel, 2, ksg, 1).sources] == ["A", "B"]
