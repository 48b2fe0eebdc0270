"""Compiling the KSG kernels: for any processor, ahead of the first analysis, and where the package is read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import causeway

pytestmark = pytest.mark.slow  # each compiles, in an interpreter of its own
LAYER = Path(causeway.__file__).parents[1]


def said_by(program: str, **env: str) -> str:
    """What a fresh interpreter prints; its numba keeps no setting of this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    env = kept | {"PYTHONPATH": str(LAYER)} | env
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


VALUES = """
import numpy as np
from causeway.analysis.information import KsgSettings
from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.neighbours import boxes

def values():
    found = []
    for n_given in (0, 1, 3):
        x, y, *z = np.random.default_rng(n_given).standard_normal((2 + n_given, 150, 1))
        prepared = KsgCmi(KsgSettings()).prepare(y, np.hstack([np.empty((150, 0)), *z]))
        orders = np.array([np.random.default_rng(s).permutation(150) for s in range(3)])
        for boxes.BOXES_FROM in (100, 1000):
            found += [*prepared.each(x), *prepared.local(x)[:5], *prepared.each_surrogate(x, orders)[0]]
    return [float(value).hex() for value in found]
"""


def test_a_processor_without_wide_registers_finds_the_same_to_the_bit(tmp_path: Path) -> None:
    here = said_by(VALUES + "print(values())")
    generic = said_by(VALUES + "print(values())", NUMBA_CPU_NAME="generic", NUMBA_CACHE_DIR=str(tmp_path))
    assert here.count("0x") == 3 * 2 * 9
    assert generic == here


WARM_UP = """
import numpy as np
from causeway.analysis.information import NetworkSettings, infer_target, make_panel
from causeway.analysis.information.neighbours import batch, boxes, layout, single, tiles
from causeway.analysis.information.neighbours.warm_up import warm_up
from causeway.model.inference import Estimator

KERNELS = [batch.search_rows, boxes.add_terms, boxes.add_terms_alone, layout.halve,
           single.local_terms, single.near_in_strips, tiles.fill_tile]
warm_up()
before = [len(kernel.signatures) for kernel in KERNELS]
settings = NetworkSettings(max_lag=2, estimator=Estimator.KSG, n_permutations=50, max_link_permutations=100)
for n_rows in (150, 3100):
    series = np.random.default_rng(0).standard_normal((n_rows, 2))
    series[1:, 0] += 0.5 * series[:-1, 1]
    infer_target(make_panel(series, ["A", "B"], 2), 0, settings, 1)
print(all(before), [len(kernel.signatures) for kernel in KERNELS] == before)
"""


def test_after_a_warm_up_an_analysis_compiles_nothing() -> None:
    assert said_by(WARM_UP) == "True True"


KERNEL = """
import numpy as np
from causeway.analysis.information.neighbours import layout
print(layout.__file__)
print(sorted(layout.leaf_order(np.arange(40.0)[None])) == list(range(40)))
"""


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A copy of the package that nobody can put a cache into, administrators included: a file is where it would be."""
    layer = tmp_path / "layer"
    shutil.copytree(LAYER / "causeway", layer / "causeway", ignore=shutil.ignore_patterns("__pycache__"))
    (layer / "causeway/analysis/information/neighbours/__pycache__").touch()
    return layer


def test_a_read_only_package_is_compiled_into_the_cache_of_the_user(read_only: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    where, right = said_by(KERNEL, PYTHONPATH=str(read_only), HOME=str(home), XDG_CACHE_HOME=str(home)).split()
    assert Path(where).is_relative_to(read_only)
    assert right == "True"
    assert list(home.rglob("layout.halve*.nbc"))


def test_without_a_place_for_a_cache_it_is_compiled_all_the_same(read_only: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.touch()
    where, right = said_by(KERNEL, PYTHONPATH=str(read_only), HOME=str(nowhere), XDG_CACHE_HOME=str(nowhere)).split()
    assert Path(where).is_relative_to(read_only)
    assert right == "True"


CALLER = """
from {package}.compiling import kernel
from {package}.called import value

@kernel
def whole():
    return value()
"""
CALLED = """
from {package}.compiling import part

@part
def value():
    return {number}
"""


def test_a_kernel_is_compiled_anew_when_what_it_calls_has_changed(tmp_path: Path) -> None:
    """numba itself looks at the file of the kernel alone."""
    package = tmp_path / "kernels"
    package.mkdir()
    (package / "__init__.py").touch()
    shutil.copy(LAYER / "causeway/analysis/information/neighbours/compiling.py", package)
    (package / "caller.py").write_text(CALLER.format(package=package.name))
    for number in (1, 2):
        (package / "called.py").write_text(CALLED.format(package=package.name, number=number))
        # Bytecode is found stale by second and size, which here are the same.
        plain = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        found = said_by("from kernels.caller import whole; print(whole())", **plain)
        assert found == str(number)
    assert len(list(package.rglob("caller.whole*.nbc"))) == 2
