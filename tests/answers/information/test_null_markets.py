"""Links that are not there, in markets that suggest them: small versions of ``python -m bench.studies te-false-links``.

Bounds are binomial limits at one in a thousand around the nominal level.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from bench.studies.false_links import gaussian_link_p, ksg_link_p
from bench.studies.systems import NULL_SYSTEMS
from causeway.model.inference import SurrogateScheme

_RUNS = 200
_KSG_RUNS = 40
_SYSTEMS = {system.name: system for system in NULL_SYSTEMS}
_KEEPS_ITS_LEVEL = [  # scheme and system that docs/nulls.md recommends it for
    (SurrogateScheme.BLOCK, "GARCH, Student-t(4)"),
    (SurrogateScheme.BLOCK, "AR .9"),
    (SurrogateScheme.BLOCK, "common factor, correlation .6"),
    (SurrogateScheme.LOCAL, "common driver"),
    (SurrogateScheme.VOLATILITY, "common volatility .98, .2"),
]


def _gaussian(name: str, n: int) -> list[dict[str, float]]:
    system = _SYSTEMS[name]
    return [gaussian_link_p(system.draw(np.random.default_rng([seed, n]), n), system) for seed in range(_RUNS)]


@pytest.mark.parametrize("name", _SYSTEMS)
def test_the_gaussian_link_test_keeps_its_level(name: str) -> None:
    below = sum(p["link test"] <= 0.05 for p in _gaussian(name, 300))
    assert below <= binom.isf(0.001, _RUNS, 0.05)


def test_the_f_test_fails_under_a_common_volatility() -> None:
    below = sum(p["F"] <= 0.05 for p in _gaussian("common volatility .98, .2", 1000))
    assert below > binom.isf(1e-6, _RUNS, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "name"), _KEEPS_ITS_LEVEL)
def test_ksg_keeps_its_level_with_the_scheme_for_the_market(scheme: SurrogateScheme, name: str) -> None:
    system = _SYSTEMS[name]
    values = [system.draw(np.random.default_rng([seed, 200]), 200) for seed in range(_KSG_RUNS)]
    p = [ksg_link_p(one, system, scheme, seed, None) for seed, one in enumerate(values)]
    assert sum(one <= 0.05 for one in p) <= binom.isf(0.001, _KSG_RUNS, 0.05)
