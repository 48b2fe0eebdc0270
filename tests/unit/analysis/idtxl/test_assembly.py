"""The correction of a network with ``compat="idtxl"``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causeway.analysis.information.inference.network import assemble_network
from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Correction, CorrectOver

NAMES = ("A", "B", "C")
TARGETS = NetworkSettings(max_lag=2, n_permutations=500, correct_over=CorrectOver.TARGETS, compat="idtxl")


def result(target: str, omnibus_p: float, **links: float) -> TargetResult:
    sources = tuple(SourceEstimate(name, 1, (1,), 0.1, p, None) for name, p in links.items())
    return TargetResult(target, (1,), sources, 0.1, omnibus_p, 100)


def test_links_follow_their_targets_omnibus_p() -> None:
    """BY over 3 targets: .018 and .009 pass .0182 and .0091, .028 misses .0273."""
    results = [result("A", 0.018, B=0.04), result("B", 0.009, C=0.04), result("C", 0.028, A=0.004)]
    network = assemble_network(results, NAMES, TARGETS)
    assert {(link.source, link.target) for link in network.links} == {("B", "A"), ("C", "B")}
    assert network.settings.compat == "idtxl"
    assert not any("permutations" in warning for warning in network.warnings)


def test_a_threshold_that_is_met_exactly_is_met() -> None:
    bh = NetworkSettings(max_lag=2, correct_over=CorrectOver.TARGETS, correction=Correction.BH, compat="idtxl")
    results = [result("A", 0.05, B=0.01), result("B", 0.05, A=0.01), result("C", 0.05, A=0.01)]
    assert len(assemble_network(results, NAMES, bh).links) == 3
    assert assemble_network(results, NAMES, replace(bh, compat="")).links == []


def test_too_few_permutations_correct_nothing_and_say_so() -> None:
    """1/100 exceeds .05 / 5.5: IDTxl then returns its uncorrected links."""
    few = NetworkSettings(max_lag=2, n_permutations=100, correct_over=CorrectOver.TARGETS, compat="idtxl")
    network = assemble_network([result("A", 0.04, B=0.04), result("B", 1.0), result("C", 1.0)], NAMES, few)
    assert [(link.source, link.q) for link in network.links] == [("B", 0.04)]
    assert any("at least 110" in warning for warning in network.warnings)


def test_over_links_survivors_alone_are_counted() -> None:
    """BH over the two survivors of 12 candidates: .03 passes .05, though .05 * 2 / 12 is less."""
    links = NetworkSettings(max_lag=2, n_permutations=5000, correction=Correction.BH, compat="idtxl")
    network = assemble_network([result("A", 0.01, B=0.03), result("B", 0.01, C=0.02), result("C", 1.0)], NAMES, links)
    assert [link.q for link in network.links] == pytest.approx([0.03, 0.03])


def test_a_network_without_links_is_empty() -> None:
    assert assemble_network([result("A", 1.0)], NAMES, TARGETS).kept_links == ()
