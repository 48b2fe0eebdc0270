"""The door to inference that decides as another package does, defects included."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import NetworkResult, TargetResult
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput


class CompatEngine(Protocol):
    """What a package's compatibility module offers."""

    def infer_target(
        self, panel: Panel, target_index: int, settings: NetworkSettings, seed: int, stages: Stages
    ) -> TargetResult:
        """One target, decided as that package decides."""
        ...

    def assemble_network(
        self, target_results: Sequence[TargetResult], names: Sequence[str], settings: NetworkSettings
    ) -> NetworkResult:
        """The network, corrected as that package corrects."""
        ...


def compat_engine(name: str) -> CompatEngine:
    """The module that reproduces the package ``name``.

    Raises:
        InvalidInput: there is none.
    """
    module = f"causeway.analysis.{name}.compat"
    try:
        return cast("CompatEngine", import_module(module))
    except ModuleNotFoundError as error:
        if error.name not in (module, module.rpartition(".")[0]):
            raise
        raise InvalidInput(
            f"compat {name!r} is not available in this installation; leave compat empty.", details={"field": "compat"}
        ) from error
