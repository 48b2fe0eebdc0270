"""Settings of estimators refuse what cannot be, and say which field."""

from __future__ import annotations

from typing import Any

import pytest

from causeway.analysis.information import (
    CopulaSettings,
    DiscreteSettings,
    GaussianSettings,
    KsgSettings,
    OrdinalSettings,
)
from causeway.analysis.information.estimators.registry import estimator_for
from causeway.errors import InvalidInput


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (KsgSettings, "k", 0),
        (KsgSettings, "k", 2.5),
        (KsgSettings, "algorithm", 3),
        (KsgSettings, "theiler_bars", -1),
        (DiscreteSettings, "n_bins", 1),
        (DiscreteSettings, "binning", "clever"),
        (DiscreteSettings, "correction", "panzeri_treves"),
        (OrdinalSettings, "order", 1),
        (OrdinalSettings, "order", 8),
        (OrdinalSettings, "delay", 0),
        (OrdinalSettings, "correction", ""),
    ],
)
def test_a_wrong_field_is_named(kind: type[Any], field: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=field) as refused:
        kind(**{field: value})
    assert refused.value.details == {"field": field}
    assert repr(value) in refused.value.message


def test_settings_are_values() -> None:
    assert DiscreteSettings(3) == DiscreteSettings(n_bins=3)
    assert len({KsgSettings(), KsgSettings(), OrdinalSettings(), CopulaSettings(), GaussianSettings()}) == 4


def test_what_cannot_compute_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"device must be .* found 'tpu'"):
        estimator_for(KsgSettings(), device="tpu")
    with pytest.raises(InvalidInput, match="n_threads must be at least 1; found 0"):
        estimator_for(KsgSettings(), n_threads=0)
