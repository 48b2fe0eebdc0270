"""What a process pays for before it estimates anything by nearest neighbours."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import causeway.analysis.idtxl_engine
import causeway.analysis.information as information
information.transfer_entropy([1.0, 3, 2, 5, 4, 1, 3], [2.0, 1, 3, 5, 4, 2, 2])
print(sorted({"numba", "scipy.stats", "torch", "triton"} & set(sys.modules)))
"""


def test_what_takes_seconds_is_not_loaded_for_the_other_estimators() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], env={"PYTHONPATH": ":".join(sys.path)}, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
