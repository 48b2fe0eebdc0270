"""IDTxl beside our engine: our estimators inside it, its settings and results in and out, its decisions repeated.

IDTxl (GPL-3) is an extra that the user installs: ``pip install causeway[idtxl]``. Nothing here is taken from its code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causeway.analysis.idtxl.estimators import CausewayDiscreteCMI, CausewayGaussianCMI, CausewayKraskovCMI
    from causeway.analysis.idtxl.installation import install

__all__ = ["CausewayDiscreteCMI", "CausewayGaussianCMI", "CausewayKraskovCMI", "install"]


def __getattr__(name: str) -> Any:
    """The public names, loaded when asked for: the estimators need IDTxl, the rest of this package does not."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "installation" if name == "install" else "estimators"
    return getattr(import_module(f"{__name__}.{home}"), name)
