"""KSG against Gaussian and against IDTxl itself on sparse non-linear systems of ten nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.studies.idtxl_links import IdtxlNetwork, by_jidt, difference, ends, idtxl_network
from bench.studies.study import Row, Study
from bench.studies.systems import Array
from causeway import infer_network
from causeway.analysis.information.inference.results import NetworkResult

_TRANSIENT = 200
_NODES = 10
_LINKS = 10
_MAX_LAG = 2
_LENGTHS = {300: 1.0, 1000: 0.6, 2000: 0.2}  # rows, and the share of the runs that they get
_JIDT_TARGETS = {300: (0, 1), 1000: (0,)}  # JIDT takes minutes for a target

Links = set[tuple[int, int]]


def nonlinear_network(n: int, seed: int) -> tuple[Array, Links, Links]:
    """(n, 10), the linear and the non-linear links as (source, target), five each at lags of 1 or 2.

    x_i(t) = 0.4 x_i(t-1) + 0.5 x_j(t - lag), or 0.5 (|x_j| - 0.8) for non-linear links, + standard normal noise.
    """
    rng = np.random.default_rng([seed, 7])
    pairs = [(j, i) for i in range(_NODES) for j in range(_NODES) if i != j]
    chosen = [pairs[k] for k in rng.choice(len(pairs), _LINKS, replace=False)]
    lags = rng.integers(1, _MAX_LAG + 1, _LINKS)
    x = rng.standard_normal((n + _TRANSIENT, _NODES))
    for t in range(_MAX_LAG, len(x)):
        x[t] += 0.4 * np.clip(x[t - 1], -4, 4)
        for k, (j, i) in enumerate(chosen):
            past = float(np.clip(x[t - lags[k], j], -4, 4))
            x[t, i] += 0.5 * past if k < _LINKS // 2 else 0.5 * (abs(past) - 0.8)
    return x[_TRANSIENT:], set(chosen[: _LINKS // 2]), set(chosen[_LINKS // 2 :])


def rows(runs: int) -> Iterator[Row]:
    """Per length: a row for each method, a row for each link that KSG and IDTxl do not share, JIDT against ours."""
    for n, share in _LENGTHS.items():
        answers = [answers_of(n, seed) for seed in range(max(1, round(share * runs)))]
        for method in answers[0].found:
            yield _counted(n, method, answers)
        for answer in answers:
            yield from _differences(answer)
        if n in _JIDT_TARGETS:
            yield from _by_jidt(answers[0], _JIDT_TARGETS[n])


@dataclass(frozen=True, slots=True)
class Answers:
    """Of every method for one system. ``ksg`` and ``idtxl`` are the two that are compared link by link."""

    n: int
    seed: int
    values: Array
    linear: Links
    nonlinear: Links
    found: dict[str, Links]
    ksg: NetworkResult
    idtxl: IdtxlNetwork


def answers_of(n: int, seed: int) -> Answers:
    """The links that Gaussian, KSG and IDTxl with KSG find in one system."""
    values, linear, nonlinear = nonlinear_network(n, seed)
    gaussian = infer_network(values, max_lag=_MAX_LAG)
    ksg = infer_network(values, max_lag=_MAX_LAG, estimator="ksg", workers=1)
    idtxl = idtxl_network(values, _MAX_LAG)
    found = {
        "Gaussian": {ends(k) for k in gaussian.links},
        "KSG": {ends(k) for k in ksg.links},
        "KSG, kept before correction": {ends(k) for k in ksg.kept_links},
        "IDTxl, KSG": idtxl.links,
        "IDTxl, KSG, corrected": idtxl.corrected,
    }
    return Answers(n, seed, values, linear, nonlinear, found, ksg, idtxl)


def _counted(n: int, method: str, answers: list[Answers]) -> Row:
    pairs = [(one.found[method], one) for one in answers]
    return {
        "rows": n,
        "method": method,
        "data sets": len(answers),
        "linear": sum(len(found & one.linear) for found, one in pairs),
        "non-linear": sum(len(found & one.nonlinear) for found, one in pairs),
        "of each": len(answers) * _LINKS // 2,
        "false": sum(len(found - one.linear - one.nonlinear) for found, one in pairs),
        "also IDTxl's": sum(len(found & one.idtxl.links) for found, one in pairs),
    }


def _differences(one: Answers) -> Iterator[Row]:
    for link in sorted(one.found["KSG"] ^ one.idtxl.links):
        kind = "linear" if link in one.linear else "non-linear" if link in one.nonlinear else "false"
        told = difference(one.values, _MAX_LAG, link, one.idtxl, one.ksg)
        yield {"rows": one.n, "data set": one.seed, "kind": kind, **told}


def _by_jidt(one: Answers, targets: tuple[int, ...]) -> Iterator[Row]:
    for target in targets:
        jidt, ours = by_jidt(one.values, _MAX_LAG, target)
        yield {
            "rows": one.n,
            "data set": one.seed,
            "IDTxl with JIDT, target": target,
            "variables": [list(v) for v in jidt.selected_vars_sources],
            "same variables": jidt.selected_vars_sources == ours.selected_vars_sources,
            "same p": jidt.selected_sources_pval == ours.selected_sources_pval,
            "same omnibus p": jidt.omnibus_pval == ours.omnibus_pval,
            "largest difference, nats": float(np.max(np.abs(np.subtract(jidt.te or (0,), ours.te or (0,))))),
        }


STUDY = Study("te-nonlinear", "Non-linear series: what KSG finds beyond Gaussian, and what IDTxl finds", rows, 5)
