"""IDTxl's false-discovery control over a network, with its gaps: for ``compat`` and for reading its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.multiple_testing import harmonic


@dataclass(frozen=True, slots=True)
class FdrOutcome:
    """``targets`` after correction, without what failed it; None where IDTxl corrects nothing and says so.

    It does that if 1/n_perm exceeds ``smallest_threshold``, the one for a lone finding: 500 permutations are too few
    from 9 targets up.
    """

    targets: tuple[IdtxlTarget, ...] | None
    smallest_threshold: float


def network_fdr(targets: Sequence[IdtxlTarget], settings: IdtxlSettings) -> FdrOutcome:
    """Correction over the targets' omnibus p, or (``correct_by_target`` false) over the p of selected variables.

    In the second case the step-up procedure counts only the variables that survived selection, as IDTxl's does; all
    candidates count for the smallest threshold only.
    """
    if settings.correct_by_target:
        p = [1.0 if one.omnibus_pval is None else one.omnibus_pval for one in targets]
        n_tests, n_perm = len(targets), settings.n_perm_omnibus
        known = any(one.omnibus_pval is not None for one in targets)
    else:
        p = [one for target in targets for one in target.selected_sources_pval or ()]
        first, last = settings.lags
        n_tests, n_perm = sum(len(one.sources_tested) for one in targets) * (last - first + 1), settings.n_perm_max_seq
        known = bool(p)
    threshold = smallest_threshold(n_tests, settings.alpha_fdr, settings.fdr_constant)
    if not known or 1 / n_perm > threshold:
        return FdrOutcome(None, threshold)
    passed = step_up(np.array(p), settings.alpha_fdr, settings.fdr_constant)
    if settings.correct_by_target:
        kept = [one if ok else _dropped(one) for one, ok in zip(targets, passed, strict=True)]
    else:
        kept, rest = [], list(passed)
        for one in targets:
            n = len(one.selected_sources_pval or ())
            kept.append(_filtered(one, rest[:n]))
            rest = rest[n:]
    return FdrOutcome(tuple(kept), threshold)


def smallest_threshold(n_tests: int, alpha: float, constant: int) -> float:
    """The p that a lone finding among ``n_tests`` must reach; ``constant`` 2 for any dependence, 1 for independence."""
    return alpha / (n_tests * _penalty(n_tests, constant))


def step_up(p: NDArray[np.float64], alpha: float, constant: int) -> NDArray[np.bool_]:
    """All p up to the largest that meets its threshold. Source: Benjamini & Hochberg 1995, with 2001's constant."""
    m = len(p)
    order = np.argsort(p)
    met = np.flatnonzero(p[order] <= np.arange(1, m + 1) / m / _penalty(m, constant) * alpha)
    passed = np.zeros(m, dtype=np.bool_)
    if met.size:
        passed[order[: met[-1] + 1]] = True
    return passed


def _penalty(n_tests: int, constant: int) -> float:
    return harmonic(n_tests) if constant == 2 else 1.0


def _dropped(target: IdtxlTarget) -> IdtxlTarget:
    return replace(
        target,
        selected_vars_sources=(),
        selected_sources_pval=None,
        selected_sources_te=None,
        omnibus_pval=1.0,
        omnibus_sign=False,
    )


def _filtered(target: IdtxlTarget, passed: Sequence[bool]) -> IdtxlTarget:
    if target.selected_sources_pval is None or target.selected_sources_te is None:
        return target
    kept = [i for i, ok in enumerate(passed) if ok]
    return replace(
        target,
        selected_vars_sources=tuple(target.selected_vars_sources[i] for i in kept),
        selected_sources_pval=tuple(target.selected_sources_pval[i] for i in kept),
        selected_sources_te=tuple(target.selected_sources_te[i] for i in kept),
    )
