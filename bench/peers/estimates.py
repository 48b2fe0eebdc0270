"""Single estimates by each peer: functions that take the data and return the work and the versions that do it.

Every peer gets k neighbours, the maximum norm, no normalisation; values are in nats.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.peers.java import find_java

Array = NDArray[np.float64]
Prepared = tuple[Callable[[], Any], dict[str, str]]


def jidt_estimator(name: str, **settings: Any) -> Any:
    """An estimator class of IDTxl, made; one thread, no noise."""
    find_java()
    from idtxl import estimators_jidt

    return getattr(estimators_jidt, name)({"num_threads": 1, "noise_level": 0, **settings})


def jidt_versions() -> dict[str, str]:
    import jpype

    java = str(jpype.java.lang.System.getProperty("java.version")) if jpype.isJVMStarted() else "not started"
    return {"idtxl-uv": version("idtxl-uv"), "jpype1": version("jpype1"), "java": java}


def jidt(x: Array, y: Array, z: Array, k: int) -> Prepared:
    estimator = jidt_estimator("JidtKraskovCMI", kraskov_k=k)
    return lambda: estimator.estimate(x, y, z), jidt_versions()


def python_kraskov(x: Array, y: Array, z: Array, k: int) -> Prepared:
    from idtxl.estimators_python import PythonKraskovCMI

    estimator = PythonKraskovCMI({"kraskov_k": k, "noise_level": 0, "num_threads": 1})
    return lambda: float(estimator.estimate(x, y, z)), {"idtxl-uv": version("idtxl-uv"), "scipy": version("scipy")}


def tigramite(x: Array, y: Array, z: Array, k: int) -> Prepared:
    from tigramite.independence_tests.cmiknn import CMIknn

    test = CMIknn(knn=k, transform="none", workers=1)
    columns = np.ascontiguousarray(np.hstack([x, y, z]).T)
    roles = np.array([0] * x.shape[1] + [1] * y.shape[1] + [2] * z.shape[1])
    return lambda: float(test.get_dependence_measure(columns.copy(), roles)), {"tigramite": version("tigramite")}


def npeet_plus(x: Array, y: Array, z: Array, k: int) -> Prepared:
    from npeet_plus import mi

    return lambda: float(mi(x, y, z, k=k, base=np.e)), {"npeet_plus": version("npeet_plus")}


def infomeasure(x: Array, y: Array, z: Array, k: int) -> Prepared:
    from infomeasure import conditional_mutual_information

    def work() -> float:
        return float(conditional_mutual_information(x, y, cond=z, approach="ksg", k=k, noise_level=0, base="e"))

    return work, {"infomeasure": version("infomeasure")}


def jidt_surrogates(x: Array, y: Array, z: Array, orders: NDArray[np.int64], k: int) -> Prepared:
    """One estimate per order, as IDTxl does it: the same y and z, x in another order each time."""
    estimator = jidt_estimator("JidtKraskovCMI", kraskov_k=k)
    return lambda: [estimator.estimate(x[order], y, z) for order in orders], jidt_versions()
