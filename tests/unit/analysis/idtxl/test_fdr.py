"""IDTxl's correction; whole networks of IDTxl are in tests/answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from causeway.analysis.idtxl.fdr import network_fdr
from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.idtxl.settings import IdtxlSettings

SETTINGS = IdtxlSettings("JidtGaussianCMI", max_lag_sources=5, min_lag_sources=1)


def target(index: int, omnibus_p: float | None, *p: float) -> IdtxlTarget:
    sources = tuple((10 + i, 1) for i in range(len(p)))
    return IdtxlTarget(
        target=index,
        current_value=(index, 5),
        sources_tested=tuple(range(10, 20)),
        selected_vars_target=((index, 1),),
        selected_vars_sources=sources,
        selected_sources_pval=p or None,
        selected_sources_te=tuple(0.1 for _ in p) or None,
        omnibus_te=None if omnibus_p is None else 0.1,
        omnibus_pval=omnibus_p,
        omnibus_sign=omnibus_p is not None,
        te=None,
    )


def test_targets_are_corrected_by_the_step_up_procedure() -> None:
    """BY over 3 targets: thresholds .05 i / (3 * 11/6) = .0091, .0182, .0273."""
    found = [target(0, 0.018, 0.01), target(1, 0.009, 0.01), target(2, 0.028, 0.01)]
    outcome = network_fdr(found, SETTINGS)
    assert outcome.smallest_threshold == pytest.approx(0.05 / 5.5)
    assert outcome.targets is not None
    assert [len(one.sources) for one in outcome.targets] == [1, 1, 0]
    assert (outcome.targets[2].omnibus_pval, outcome.targets[2].omnibus_sign) == (1.0, False)


def test_a_late_p_that_meets_its_threshold_carries_the_earlier_ones() -> None:
    """.010 misses .0091, but .018 meets .0182."""
    outcome = network_fdr([target(0, 0.010, 0.01), target(1, 0.018, 0.01), target(2, None)], SETTINGS)
    assert outcome.targets is not None
    assert [len(one.sources) for one in outcome.targets] == [1, 1, 0]


def test_nothing_is_corrected_if_permutations_cannot_reach_the_smallest_threshold() -> None:
    found = [target(0, 0.01, 0.01), target(1, 0.01, 0.01)]
    few = replace(SETTINGS, n_perm_omnibus=59)  # 1/59 > .05 / (2 * 1.5) = 1/60
    assert network_fdr(found, few).targets is None
    assert network_fdr(found, replace(few, n_perm_omnibus=60)).targets is not None


@pytest.mark.parametrize("extra", [{}, {"correct_by_target": False}], ids=str)
def test_nothing_is_corrected_if_nothing_was_found(extra: dict[str, Any]) -> None:
    assert network_fdr([target(0, None), target(1, None)], replace(SETTINGS, **extra)).targets is None


def test_over_variables_only_those_that_survived_selection_are_counted() -> None:
    """Three survivors of 100 candidates: BH thresholds .05 i / 3, not .05 i / 100."""
    by_variable = replace(SETTINGS, correct_by_target=False, fdr_constant=1, n_perm_max_seq=10_000)
    outcome = network_fdr([target(0, 0.01, 0.03, 0.001), target(1, 0.01, 0.06)], by_variable)
    assert outcome.smallest_threshold == pytest.approx(0.05 / 100)
    assert outcome.targets is not None
    assert [one.selected_sources_pval for one in outcome.targets] == [(0.03, 0.001), ()]
