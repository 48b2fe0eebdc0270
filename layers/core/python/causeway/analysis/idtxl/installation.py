"""What must be installed for real IDTxl to run, and what to do where it is missing."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from importlib.util import find_spec

from causeway.errors import InvalidInput

ESTIMATOR_NAMES = ("CausewayDiscreteCMI", "CausewayGaussianCMI", "CausewayKraskovCMI")


def require_idtxl() -> None:
    """Raises InvalidInput where the package idtxl cannot be imported."""
    if find_spec("idtxl") is None:
        raise InvalidInput(
            "The IDTxl engine needs the Python package IDTxl (GPL-3), which is not installed. "
            'Install it with: pip install "causeway[idtxl]". Or choose the engine causeway, which needs nothing more.',
            details={"missing": "idtxl"},
        )


def require_java() -> None:
    """Raises InvalidInput where JIDT's estimators cannot run for want of a Java machine."""
    require_idtxl()
    import jpype

    try:
        jpype.getDefaultJVMPath()
    except jpype.JVMNotFoundException as missing:
        raise InvalidInput(
            "IDTxl's own estimators (Jidt...) run on Java, and none was found. Install a JDK of version 17 or later "
            "(Debian: apt-get install default-jre-headless) or set JAVA_HOME to one; or plug in "
            f"{', '.join(ESTIMATOR_NAMES)}, which need no Java.",
            details={"missing": "java"},
        ) from missing


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps what IDTxl prints and warns off the console, and the process's warning filters as they were.

    IDTxl prints each step even if it is told not to, adds a filter when it is imported, and casts empty arrays.
    """
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", module=r"idtxl\.")
        yield


def install() -> tuple[str, ...]:
    """Lets IDTxl find our estimators by name, as in ``settings["cmi_estimator"] = "CausewayKraskovCMI"``.

    Returns the names. Once per process; again does no harm. IDTxl would also take a class instead of a name, but
    version 1.6.1 does so by a function that numpy 2 no longer has.

    Raises:
        InvalidInput: IDTxl is not installed.
    """
    require_idtxl()
    with quiet():
        from idtxl import estimators_python

        from causeway.analysis.idtxl import estimators

        for name in ESTIMATOR_NAMES:
            setattr(estimators_python, name, getattr(estimators, name))
    return ESTIMATOR_NAMES
