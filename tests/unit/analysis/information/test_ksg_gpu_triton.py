"""The Triton kernels without a GPU: their numbers in Triton's interpreter, their code as compiled for two chips."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import digamma

from causeway.analysis.information.neighbours.gpu_plan import digamma_units
from tests.fixtures.ksg_definition import ksg_terms
from tests.fixtures.triton_interpreter import LISTED, data_of

pytestmark = [
    pytest.mark.skipif(
        find_spec("torch") is None or find_spec("triton") is None,
        reason="torch or triton is not installed: the gpu extra brings them, triton for Linux only",
    ),
    pytest.mark.xdist_group("triton"),  # one run of the interpreter serves them all
]

ROOT = Path(__file__).parents[4]
BIG_TILE = [64, 32]  # the interpreter's time goes by programs, not by pairs


def _case(n_given: int, k: int, tied: bool, **other: Any) -> dict[str, Any]:
    usual = {"n_rows": 32, "n_columns": 3, "n_x": 1, "dtype": "float64", "tile": BIG_TILE, "seed": 10 * n_given + k}
    return {**usual, "n_given": n_given, "k": k, "tied": tied, **other}


CASES = [
    *(_case(n_given, 4 if n_given % 2 == tied else 1, tied) for n_given, tied in product(range(4), (False, True))),
    _case(2, 8, True),
    _case(2, 4, False, n_x=3, n_y=2),  # several dimensions everywhere
    _case(3, 4, False, dtype="float32", n_rows=70),
    _case(1, 3, True, n_rows=13, n_columns=33, dtype="float32", tile=None),  # as for surrogates, both edges cut
    _case(1, 16, False, n_rows=20),  # the most neighbours that fit
    _case(0, 1, False, n_rows=2),
]


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[int]]]:
    cases = tmp_path_factory.mktemp("interpreter") / "cases.json"
    cases.write_text(json.dumps(CASES), encoding="utf-8")
    lines = _child(["-m", "tests.fixtures.triton_interpreter", str(cases)], TRITON_INTERPRET="1")
    return [json.loads(line) for line in lines]


def _child(arguments: list[str], **environment: str) -> list[str]:
    paths = os.pathsep.join(str(path) for path in (ROOT / "layers" / "core" / "python", ROOT))
    env = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda i: "-".join(map(str, CASES[i].values())))
def test_every_kernel_counts_as_the_definition_does(interpreted: list[dict[str, list[int]]], number: int) -> None:
    case, found = CASES[number], interpreted[number]
    columns, y, z = data_of(case)
    terms = np.stack([ksg_terms(x, y, z, case["k"]) for x in columns]) - digamma(case["k"])
    unit = digamma_units(case["n_rows"])[1]
    for kernel in ("matrices", "on the fly", "torch"):
        values = np.array(found[kernel]) * unit
        np.testing.assert_allclose(values, terms.sum(axis=1), rtol=0, atol=1e-12, err_msg=kernel)
    last_rows = terms[:, -min(LISTED, case["n_rows"]) :].sum(axis=1)
    np.testing.assert_allclose(np.array(found["lists"]) * unit, last_rows, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_kernels_agree_to_the_last_bit(interpreted: list[dict[str, list[int]]]) -> None:
    for found in interpreted:
        assert found["matrices"] == found["on the fly"] == found["torch"]
        assert found["lists"] == found["torch, last rows"]


@pytest.mark.slow
@pytest.mark.parametrize("capability", [90])  # H100 and H200
def test_kernels_compile_and_stay_in_registers(capability: int, tmp_path: Path) -> None:
    lines = _child(["-m", "tests.fixtures.triton_compiled", str(capability)], TRITON_CACHE_DIR=str(tmp_path))
    compiled = [json.loads(line) for line in lines]
    assert len(compiled) == 6
    for kernel in compiled:
        assert kernel["stack_bytes"] == 0, f"registers spill: {kernel}"
        assert kernel["registers"] <= 255
        assert kernel["barriers"] == 0 or kernel["COLS"] < 128, f"warps wait for one another: {kernel}"
