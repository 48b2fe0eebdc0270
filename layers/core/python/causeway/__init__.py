"""Causeway: which financial series drive which, what follows from it, and trading it under risk control.

from causeway import infer_network
network = infer_network(frame, max_lag=5, estimator="gaussian", seed=1)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causeway.analysis.information.inference.frames import infer_network
    from causeway.analysis.information.inference.results import NetworkResult
    from causeway.analysis.information.robustness.frames import describe_network, rolling_networks
    from causeway.analysis.information.settings import NetworkSettings
    from causeway.market_data.known_market import known_market, null_market

__all__ = [
    "NetworkResult",
    "NetworkSettings",
    "__version__",
    "describe_network",
    "infer_network",
    "known_market",
    "null_market",
    "rolling_networks",
]
__version__ = "0.1.0"

# Public names load on first use: importing causeway costs nothing.
_WHERE = {
    "infer_network": "causeway.analysis.information.inference.frames",
    "NetworkResult": "causeway.analysis.information.inference.results",
    "NetworkSettings": "causeway.analysis.information.settings",
    "describe_network": "causeway.analysis.information.robustness.frames",
    "rolling_networks": "causeway.analysis.information.robustness.frames",
    "known_market": "causeway.market_data.known_market",
    "null_market": "causeway.market_data.known_market",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'causeway' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
