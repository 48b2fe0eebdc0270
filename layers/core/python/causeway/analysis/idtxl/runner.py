"""Real IDTxl for one target, behind the engine port: engine "idtxl"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.idtxl.conversion import idtxl_settings, in_nats, panel_values, target_result
from causeway.analysis.idtxl.installation import install, quiet, require_java
from causeway.analysis.idtxl.legacy_random import legacy_seed
from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import InferenceMode

Plugged = Literal["causeway", "jidt"]
_CLASSES = {
    InferenceMode.MULTIVARIATE_TE: ("multivariate_te", "MultivariateTE"),
    InferenceMode.BIVARIATE_TE: ("bivariate_te", "BivariateTE"),
    InferenceMode.MULTIVARIATE_MI: ("multivariate_mi", "MultivariateMI"),
    InferenceMode.BIVARIATE_MI: ("bivariate_mi", "BivariateMI"),
}
_STAGES = {
    "_include_target_candidates": 0.2,
    "_include_source_candidates": 0.7,
    "_prune_candidates": 0.8,
    "_test_final_conditional": 0.99,
}


def infer_target(
    panel: Panel,
    target_index: int,
    settings: NetworkSettings,
    seed: int,
    tell: Callable[[float], None] = lambda _: None,
    pulse: Callable[[], None] = lambda: None,
    plugged: Plugged = "causeway",
) -> TargetResult:
    """What the installed IDTxl finds for one target, with our estimators plugged in, or with JIDT's own.

    ``tell`` hears the fraction done after each of IDTxl's four stages; ``pulse`` is called at every estimate, and may
    raise. Surrogates follow from ``legacy_seed(seed, name)``; numpy's global generator is left as it was found.
    With our estimators the result is that of ``compat="idtxl"``.

    Raises:
        InvalidInput: IDTxl or Java is missing, or ``settings`` ask for what IDTxl does not have.
    """
    theirs = idtxl_settings(settings)
    if plugged == "jidt":
        theirs = theirs.with_estimator(theirs.cmi_estimator.replace("Causeway", "Jidt"))
    name = panel.names[target_index]
    values = panel_values(panel)
    found = analyse_target(values, target_index, theirs, legacy_seed(seed, name), tell=tell, pulse=pulse)
    return target_result(in_nats(found, theirs), panel.names, panel.n_samples - theirs.current_value)


def analyse_target(
    values: NDArray[Any],
    target: int,
    settings: IdtxlSettings,
    seed: int,
    *,
    tell: Callable[[float], None] = lambda _: None,
    pulse: Callable[[], None] = lambda: None,
) -> IdtxlTarget:
    """IDTxl's own result for ``values`` (n_samples, n_series) as they are, after ``numpy.random.seed(seed)``.

    Raises:
        InvalidInput: IDTxl or Java is missing.
    """
    install()
    if settings.cmi_estimator.startswith("Jidt"):
        require_java()
    with quiet(), _global_generator_restored():
        data = _data(values, seed)
        analysis = _watched(_analysis(settings.mode), tell, pulse)
        asked = {**settings.as_dict(), "verbose": False}
        found = analysis.analyse_single_target(settings=asked, data=data, target=target)
        single = found.get_single_target(target, fdr=False)
    return IdtxlTarget.from_idtxl(target, single)


def _analysis(mode: InferenceMode) -> Any:
    module, name = _CLASSES[mode]
    return getattr(import_module(f"idtxl.{module}"), name)()


def _data(values: NDArray[Any], seed: int) -> Any:
    """IDTxl's container, which seeds numpy's global generator."""
    from idtxl.data import Data

    return Data(np.ascontiguousarray(values.T)[:, :, None], dim_order="psr", normalise=False, seed=seed)


@contextmanager
def _global_generator_restored() -> Iterator[None]:
    before = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(before)


def _watched(analysis: Any, tell: Callable[[float], None], pulse: Callable[[], None]) -> Any:
    """The analysis, with a pulse before each estimate and a word after each stage."""
    make_estimator = analysis._set_cmi_estimator

    def pulsed_estimator() -> None:
        make_estimator()
        for name in ("estimate", "estimate_parallel"):
            setattr(analysis._cmi_estimator, name, _pulsed(getattr(analysis._cmi_estimator, name), pulse))

    analysis._set_cmi_estimator = pulsed_estimator
    for name, fraction in _STAGES.items():
        if hasattr(analysis, name):  # mutual information has no target's past
            setattr(analysis, name, _told(getattr(analysis, name), tell, fraction))
    return analysis


def _told(stage: Callable[[Any], Any], tell: Callable[[float], None], fraction: float) -> Callable[[Any], Any]:
    def run(data: Any) -> Any:
        done = stage(data)
        tell(fraction)
        return done

    return run


def _pulsed(call: Callable[..., Any], pulse: Callable[[], None]) -> Callable[..., Any]:
    def run(*args: Any, **arguments: Any) -> Any:
        pulse()
        return call(*args, **arguments)

    return run
