"""Single estimates by each peer: functions that take the data and return the work and the versions that do it.

Every peer gets k neighbours, the maximum norm, no normalisation; values are in nats.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.peers.java import find_java

Array = NDArray[np.float64]
_COMPILE_CPU_S = 7.0
_compiled: list[bool] = []  # whether Java has compiled the KSG class in this process
Prepared = tuple[Callable[[], Any], dict[str, str]]


def jidt_estimator(name: str, **settings: Any) -> Any:
    """An estimator class of IDTxl, made; one thread, no noise."""
    find_java()
    from idtxl import estimators_jidt

    return getattr(estimators_jidt, name)({"num_threads": 1, "noise_level": 0, **settings})


def warm_kraskov(k: int) -> Any:
    """JIDT's KSG class, after the estimates that Java takes to compile it; once per process.

    Its compiler works beside the estimates for about six CPU seconds, which would count as the peer's.
    """
    estimator = jidt_estimator("JidtKraskovCMI", kraskov_k=k)
    rng = np.random.default_rng(0)
    samples = [(rng.standard_normal((1000, 1)), rng.standard_normal((1000, d))) for d in (1, 3, 6)]
    begin = time.process_time()
    while not _compiled and time.process_time() - begin < _COMPILE_CPU_S:
        for y, z in samples:
            estimator.estimate(rng.standard_normal((1000, 1)), y, z)
    _compiled.append(True)
    return estimator


def jidt_versions() -> dict[str, str]:
    import jpype

    java = str(jpype.java.lang.System.getProperty("java.version")) if jpype.isJVMStarted() else "not started"
    return {"idtxl-uv": version("idtxl-uv"), "jpype1": version("jpype1"), "java": java}


def jidt(x: Array, y: Array, z: Array, k: int) -> Prepared:
    estimator = warm_kraskov(k)
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
    estimator = warm_kraskov(k)
    return lambda: [estimator.estimate(x[order], y, z) for order in orders], jidt_versions()
