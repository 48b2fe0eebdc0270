"""The network of ``compat="idtxl"`` and of the engine idtxl: corrected as IDTxl corrects, skipped where it skips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from causeway.analysis.idtxl.fdr import smallest_threshold, step_up
from causeway.analysis.information.inference.multiple_testing import corrected
from causeway.analysis.information.inference.network import assemble_network as assemble_ours
from causeway.analysis.information.inference.results import NetworkResult, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Correction, CorrectOver
from causeway.model.signal import Link


def assemble_network(
    target_results: Sequence[TargetResult], names: Sequence[str], settings: NetworkSettings
) -> NetworkResult:
    """The network of these targets. A link is significant (q < alpha) where IDTxl would return it.

    Over targets: by the omnibus p of the targets analysed. Over links: among the links that survived selection only,
    each with the smallest p of its variables (IDTxl's ``correct_by_target=False`` counts variables, and fails as soon
    as it has to remove one). Where 1/n_permutations exceeds the smallest threshold nothing is corrected, q is p and
    every link stays, with a warning.

    Raises:
        InvalidInput: a target or source that is not among ``names``, or a target twice.
    """
    plain = assemble_ours(target_results, names, replace(settings, compat=""))
    targets, links = plain.targets, plain.kept_links
    by_target = settings.correct_over is CorrectOver.TARGETS
    n_tests = len(targets) if by_target else len(targets) * (len(names) - 1) * settings.max_lag
    threshold = smallest_threshold(n_tests, settings.alpha, _constant(settings)) if links else 1.0
    if 1 / settings.n_permutations <= threshold:
        q = _by_target(targets, links, settings) if by_target else _decided([link.p for link in links], settings)
    else:
        q = [min(link.p, _below(settings.alpha)) for link in links]
        warning = _skipped(n_tests, threshold, settings)
        targets = (replace(targets[0], warnings=(*targets[0].warnings, warning)), *targets[1:])
    found = sorted((replace(link, q=value) for link, value in zip(links, q, strict=True)), key=_rank)
    return NetworkResult(plain.names, settings, targets, tuple(found), plain.n_candidates)


def _by_target(targets: Sequence[TargetResult], links: Sequence[Link], settings: NetworkSettings) -> list[float]:
    q = _decided([result.omnibus_p for result in targets], settings)
    of = {result.target: value for result, value in zip(targets, q, strict=True)}
    return [of[link.target] for link in links]


def _decided(p: Sequence[float], settings: NetworkSettings) -> list[float]:
    """q, below alpha exactly where IDTxl rejects: it does so at the threshold too."""
    q = corrected(p, len(p), settings.correction) if p else np.empty(0)
    passed = step_up(np.array(p), settings.alpha, _constant(settings))
    decided = np.where(passed, np.minimum(q, _below(settings.alpha)), np.maximum(q, settings.alpha))
    return [float(value) for value in decided]


def _below(alpha: float) -> float:
    return float(np.nextafter(alpha, 0))


def _constant(settings: NetworkSettings) -> int:
    return 2 if settings.correction is Correction.BY else 1


def _skipped(n_tests: int, threshold: float, settings: NetworkSettings) -> str:
    return (
        f"Nothing was corrected for multiple testing, as in IDTxl: {settings.n_permutations} permutations are too few "
        f"for {n_tests} tests at {settings.alpha:g}. Use at least {int(np.ceil(1 / threshold))}, or leave compat empty."
    )


def _rank(link: Link) -> tuple[float, float]:
    return link.q, link.p
