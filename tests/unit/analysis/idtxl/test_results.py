from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causeway.analysis.idtxl.results import IdtxlTarget, adjacency_matrix, from_json, to_json
from causeway.errors import InvalidInput

FOUND = IdtxlTarget(
    target=1,
    current_value=(1, 5),
    sources_tested=(0, 2),
    selected_vars_target=((1, 1),),
    selected_vars_sources=((2, 4), (0, 2), (2, 1)),
    selected_sources_pval=(0.01, 0.02, 0.01),
    selected_sources_te=(0.1, 0.2, 0.3),
    omnibus_te=0.5,
    omnibus_pval=0.002,
    omnibus_sign=True,
    te=(0.2, 0.35),
)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("max_te_lag", [2, 0, 1]),
        ("max_p_lag", [2, 0, 4]),  # the first selected among equal p
        ("vars_count", [1, 0, 2]),
        ("binary", [1, 0, 1]),
    ],
)
def test_weights_of_the_links_into_a_target(weights: Any, expected: list[int]) -> None:
    matrix = adjacency_matrix([FOUND], 3, weights)
    assert matrix[:, 1].tolist() == expected
    assert matrix[:, [0, 2]].sum() == 0


def test_other_weights_and_other_nodes_are_refused() -> None:
    with pytest.raises(InvalidInput, match="max_te_lag"):
        adjacency_matrix([FOUND], 3, "max")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(InvalidInput, match="beyond"):
        adjacency_matrix([FOUND], 2, "binary")


@pytest.mark.parametrize("measure", ["te", "mi"])
def test_idtxls_dict_and_back(measure: Any) -> None:
    found = FOUND.as_idtxl(measure)
    assert ("omnibus_te" in found) == (measure == "te")
    assert IdtxlTarget.from_idtxl(1, found) == FOUND


def test_numbers_of_numpy_become_plain() -> None:
    found = FOUND.as_idtxl()
    found["selected_vars_sources"] = [(np.int64(p), np.int64(lag)) for p, lag in FOUND.selected_vars_sources]
    assert IdtxlTarget.from_idtxl(1, found) == FOUND


def test_local_values_become_the_mean_of_each_link() -> None:
    found = {**FOUND.as_idtxl(), "te": np.array([[[0.1], [0.3]], [[0.5], [0.2]]])}
    assert IdtxlTarget.from_idtxl(1, found).te == pytest.approx((0.2, 0.35))


def test_json_keeps_every_bit() -> None:
    nothing = replace(FOUND, target=0, selected_vars_sources=(), selected_sources_pval=None, te=None, omnibus_te=None)
    odd = replace(FOUND, omnibus_te=0.1 + 0.2)
    assert from_json(to_json([odd, nothing], {"max_lag_sources": 5})) == ((odd, nothing), {"max_lag_sources": 5})


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidInput, match="current_value"):
        IdtxlTarget.from_idtxl(0, {"ais": 1.0})
