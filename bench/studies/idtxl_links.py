"""IDTxl's own MultivariateTE on the data of a study, and why a link of one side is not one of the other's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.peers.java import find_java
from bench.studies.study import Row
from bench.studies.systems import Array
from causeway.analysis.idtxl.compat import Comparison
from causeway.analysis.idtxl.compat import analyse_target as decide
from causeway.analysis.idtxl.fdr import network_fdr
from causeway.analysis.idtxl.results import IdtxlTarget
from causeway.analysis.idtxl.runner import analyse_target
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.frames import panel_of
from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.inference.results import NetworkResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Estimator, SurrogateScheme
from causeway.model.signal import Link as Signal

Link = tuple[int, int]
_SEED = 1
_OTHER_SEEDS = (2, 3, 4, 5)
_OUR_SEEDS = (11, 12)


def settings(max_lag: int, estimator: str = "CausewayKraskovCMI") -> IdtxlSettings:
    """IDTxl's defaults, but 1,000 surrogates in the omnibus test, so that its correction acts on ten targets."""
    return IdtxlSettings(
        estimator,
        max_lag,
        1,
        n_perm_omnibus=1000,
        permute_in_time=True,
        estimator_settings={"kraskov_k": 4, "noise_level": 0},
    )


def standardised(values: Array) -> Array:
    """As IDTxl's ``Data`` does it."""
    return np.ascontiguousarray((values - values.mean(axis=0)) / values.std(axis=0, ddof=1))


@dataclass(frozen=True, slots=True)
class IdtxlNetwork:
    """``links`` before IDTxl's correction over targets, ``corrected`` after it."""

    targets: tuple[IdtxlTarget, ...]
    links: set[Link]
    corrected: set[Link]


def idtxl_network(values: Array, max_lag: int) -> IdtxlNetwork:
    """IDTxl 1.6.1 itself, our estimates (equal to JIDT's to 1e-14) in the place of JIDT's."""
    asked, ready = settings(max_lag), standardised(values)
    targets = tuple(analyse_target(ready, target, asked, _SEED) for target in range(values.shape[1]))
    after = network_fdr(targets, asked).targets
    return IdtxlNetwork(targets, _links(targets), _links(targets if after is None else after))


def by_jidt(values: Array, max_lag: int, target: int) -> tuple[IdtxlTarget, IdtxlTarget]:
    """One target by JIDT's estimator and by ours, everything else alike."""
    find_java()
    ready = standardised(values)
    jidt = analyse_target(ready, target, settings(max_lag, "JidtKraskovCMI"), _SEED)
    return jidt, analyse_target(ready, target, settings(max_lag), _SEED)


def difference(values: Array, max_lag: int, link: Link, theirs: IdtxlNetwork, ours: NetworkResult) -> Row:
    """Both sides' p of a link, how firmly each decides, and what that says about the reason."""
    kept = {ends(k): k for k in ours.kept_links}.get(link)
    found = theirs.targets[link[1]]
    by_lag = zip(found.selected_vars_sources, found.selected_sources_pval or (), strict=False)
    p = [p for (source, _), p in by_lag if source == link[0]]
    again, lost = _again(values, max_lag, link)
    row: Row = {
        "link": list(link),
        "IDTxl": link in theirs.links,
        "IDTxl corrected": link in theirs.corrected,
        "IDTxl p": min(p, default=None),
        "IDTxl omnibus p": found.omnibus_pval,
        "IDTxl, other draws": f"{again} of {len(_OTHER_SEEDS)}",
        "IDTxl loses it in": sorted(set(lost)),
        "ours": bool(kept and kept.q < ours.settings.alpha),
        "our p": kept and kept.p,
        "our q": kept and kept.q,
        "ours kept, other draws": f"{_kept_again(values, max_lag, link, SurrogateScheme.BLOCK)} of 2",
        "ours kept, permuted rows": f"{_kept_again(values, max_lag, link, SurrogateScheme.PERMUTATION)} of 2",
    }
    return {**row, "reason": _reason(row, again)}


def ends(link: Signal) -> Link:
    """Series numbers of a link between x0, x1, ..."""
    return int(link.source[1:]), int(link.target[1:])


def _reason(row: Row, again: int) -> str:
    if row["IDTxl"] and row["our p"] is not None:
        return "our correction over links"
    if 0 < again < len(_OTHER_SEEDS) or (again == 0) == row["IDTxl"]:
        return "draw of surrogates"
    if row["IDTxl"]:
        scheme = not row["ours kept, permuted rows"].startswith("0")
        return "surrogate scheme" if scheme else "a step of ours"
    return "a step of IDTxl"


def _again(values: Array, max_lag: int, link: Link) -> tuple[int, list[str]]:
    """How many of the other draws lead IDTxl to the link, and the steps at which the rest failed."""
    ready, found, lost = standardised(values), 0, []
    for seed in _OTHER_SEEDS:
        result, tests = decide(ready, link[1], settings(max_lag), seed)
        if link[0] in result.sources:
            found += 1
        else:
            lost.append(_last_failure(tests))
    return found, lost


def _last_failure(tests: Sequence[Comparison]) -> str:
    """The last test that was not passed and its p; a step of selection ends with one in any case."""
    failed = [test for test in tests if not test.significant]
    return f"{failed[-1].step} (p {failed[-1].p:.3g})" if failed else "none"


def _kept_again(values: Array, max_lag: int, link: Link, scheme: SurrogateScheme) -> int:
    """In how many of two draws our selection keeps the link."""
    asked = NetworkSettings(max_lag=max_lag, estimator=Estimator.KSG, surrogates=scheme)
    panel = panel_of(values, asked)
    found = [infer_target(panel, link[1], asked, seed) for seed in _OUR_SEEDS]
    return sum(panel.names[link[0]] in {source.source for source in one.sources} for one in found)


def _links(targets: Sequence[IdtxlTarget]) -> set[Link]:
    return {(source, found.target) for found in targets for source in found.sources}
