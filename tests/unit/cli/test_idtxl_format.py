"""An answer in the shape of IDTxl's results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from causeway.analysis.idtxl.results import adjacency_matrix, from_json
from causeway.cli.idtxl_format import idtxl_text
from causeway.errors import InvalidInput
from tests.unit.pipelines.questions import coupled_market, question

SPEC = question(coupled_market()).as_json()
A, B, C, D = SPEC["symbols"]
LINK = {"source": A, "target": B, "lag_bars": 2, "lags": [1, 2], "te_nats": 0.05, "p": 0.001, "coefficient": 0.2}
FOUND = {"spec": SPEC, "symbols": SPEC["symbols"], "samples": 494, "links": [LINK]}


def target(name: str, te_nats: float, p: float) -> dict[str, Any]:
    return {"target": name, "own_lags": [1], "te_nats": te_nats, "omnibus_p": p}


DETAILS = {"targets": [target(A, 0.0, 1.0), target(B, 0.05, 0.001), target(C, 0.0, 1.0), target(D, 0.0, 1.0)]}


def test_its_adjacency_is_what_idtxl_would_give() -> None:
    text = idtxl_text(FOUND, DETAILS)
    targets, settings = from_json(text)
    lags = adjacency_matrix(targets, 4, "max_te_lag")
    assert lags.tolist() == [[0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert adjacency_matrix(targets, 4, "vars_count")[0, 1] == 2
    assert settings["max_lag_sources"] == SPEC["max_lag"]
    assert json.loads(text)["symbols"] == SPEC["symbols"]


def test_an_option_that_idtxl_lacks_is_named() -> None:
    ranked = {**FOUND, "spec": {**SPEC, "inference": {**SPEC["inference"], "transform": "rank"}}}
    with pytest.raises(InvalidInput, match="transform"):
        idtxl_text(ranked, DETAILS)
