"""q over all candidates: those that were dropped count with p = 1."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from causeway.analysis.information import benjamini_yekutieli
from causeway.analysis.information.inference.multiple_testing import needed_p
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput


@pytest.mark.parametrize("n_dropped", [0, 1, 30])
def test_equals_other_software(n_dropped: int) -> None:
    """Source: multipletests(method="fdr_by") of statsmodels, on the full list with the ones written out."""
    p = np.random.default_rng(n_dropped).uniform(0, 0.2, 12)
    expected = multipletests([*p, *[1.0] * n_dropped], method="fdr_by")[1][:12]
    np.testing.assert_allclose(benjamini_yekutieli(p, 12 + n_dropped), expected, rtol=1e-12)


def test_nothing_found_is_nothing() -> None:
    assert benjamini_yekutieli([], 90).shape == (0,)


def test_the_needed_p_is_the_edge() -> None:
    p = needed_p(5, NetworkSettings(alpha=0.05))
    assert benjamini_yekutieli([p], 20)[0] == pytest.approx(0.05)


@pytest.mark.parametrize(("p", "m"), [([0.1, 0.2], 1), ([-0.1], 5), ([1.5], 5), ([float("nan")], 5)])
def test_impossible_input_is_refused(p: list[float], m: int) -> None:
    with pytest.raises(InvalidInput):
        benjamini_yekutieli(p, m)
