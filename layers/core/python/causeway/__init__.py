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
    from causeway.market_data.known_market import known_market, null_market

__all__ = ["NetworkResult", "__version__", "infer_network", "known_market", "null_market"]
__version__ = "0.1.0"

# Public names load on first use: importing causeway costs nothing.
_WHERE = {
    "infer_network": "causeway.analysis.information.inference.frames",
    "NetworkResult": "causeway.analysis.information.inference.results",
    "known_market": "causeway.market_data.known_market",
    "null_market": "causeway.market_data.known_market",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'causeway' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
