"""Between IDTxl's settings and results and ours. What has no counterpart is an error that names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.idtxl.results import IdtxlTarget, Weights, adjacency_matrix
from causeway.analysis.idtxl.settings import IdtxlSettings
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.results import NetworkResult, SourceEstimate, TargetResult
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Correction, CorrectOver, Estimator, InferenceMode, SurrogateScheme

_STEPS = ("max_stat", "min_stat", "omnibus", "max_seq")
_NAMES = {
    Estimator.KSG: "CausewayKraskovCMI",
    Estimator.GAUSSIAN: "CausewayGaussianCMI",
    Estimator.DISCRETE: "CausewayDiscreteCMI",
}
ALL_BLOCKS = 1_000_000  # a perm_range beyond any number of blocks: IDTxl then exchanges all of them
# Fields of ours that IDTxl has no word for: only their defaults can be exported.
_ONLY_OURS = ("transform", "condition_on", "missing", "tail", "autocorrelation")


def import_settings(
    settings: Mapping[str, Any], mode: InferenceMode = InferenceMode.MULTIVARIATE_TE
) -> NetworkSettings:
    """Our settings that say what IDTxl's dict says; keys that it leaves out take our defaults.

    The statistics stay ours (docs/idtxl.md has the differences); for IDTxl's decisions read the dict with
    ``IdtxlSettings.from_dict`` and run ``compat.analyse_target``.

    Raises:
        InvalidInput: an unknown key, or a value with no counterpart; the message names the key.
    """
    theirs = IdtxlSettings.from_dict(settings, mode)
    given = set(settings)
    _refuse_unless(theirs.min_lag_sources == 1, "min_lag_sources", theirs.min_lag_sources, "lags begin at 1 bar")
    same_lag = theirs.max_lag_target in (None, theirs.max_lag_sources)
    _refuse_unless(same_lag, "max_lag_target", theirs.max_lag_target, "one max_lag serves target and sources")
    for name in ("tau_sources", "tau_target"):
        _refuse_unless(getattr(theirs, name) == 1, name, getattr(theirs, name), "every lag is a candidate")
    _refuse_unless(not theirs.local_values, "local_values", True, "local values are asked for per link, afterwards")
    _refuse_unless(theirs.add_conditionals is None, "add_conditionals", theirs.add_conditionals, "see condition_on")
    _refuse_unless(theirs.fdr_correction, "fdr_correction", False, "q is always given; read p instead")
    ours: dict[str, Any] = {"max_lag": theirs.max_lag_sources, "estimator": theirs.estimator, "mode": theirs.mode}
    ours |= _one_value(settings, "n_perm", "n_permutations") | _one_value(settings, "alpha", "alpha_step")
    if "alpha_fdr" in given:
        ours["alpha"] = theirs.alpha_fdr
    if "correct_by_target" in given:
        ours["correct_over"] = CorrectOver.TARGETS if theirs.correct_by_target else CorrectOver.LINKS
    if "fdr_constant" in given:
        ours["correction"] = Correction.BY if theirs.fdr_constant == 2 else Correction.BH
    if "n_permutations" in ours:
        least = NetworkSettings().max_link_permutations
        ours["max_link_permutations"] = max(least, ours["n_permutations"])
    return NetworkSettings(**ours, **_surrogates(theirs, given), **_estimator(theirs))


def export_settings(settings: NetworkSettings) -> dict[str, Any]:
    """IDTxl's dict for our settings, with our estimators plugged in (call ``install`` first).

    Nulls are IDTxl's: chi-squared for Gaussian and discrete estimators; blocks are cut without a random phase.

    Raises:
        InvalidInput: a choice that IDTxl does not have; the message names it.
    """
    theirs = idtxl_settings(settings)
    return theirs.as_dict()


def idtxl_settings(settings: NetworkSettings) -> IdtxlSettings:
    """The same as ``IdtxlSettings``; every step has ``n_permutations`` and ``alpha_step``.

    Raises:
        InvalidInput: a choice that IDTxl does not have; the message names it.
    """
    usual = NetworkSettings()
    for field in _ONLY_OURS:
        value = getattr(settings, field)
        _refuse_unless(value == getattr(usual, field), field, value, "IDTxl has none like it; leave it at its default")
    name = _NAMES.get(settings.estimator)
    if name is None:
        raise InvalidInput(
            f"IDTxl has no estimator like {settings.estimator.value}; choose ksg, gaussian or discrete.",
            details={"field": "estimator"},
        )
    steps: dict[str, Any] = {f"n_perm_{step}": settings.n_permutations for step in _STEPS}
    steps |= {f"alpha_{step}": settings.alpha_step for step in _STEPS}
    return IdtxlSettings(
        cmi_estimator=name,
        max_lag_sources=settings.max_lag,
        min_lag_sources=1,
        **steps,
        alpha_fdr=settings.alpha,
        correct_by_target=settings.correct_over is CorrectOver.TARGETS,
        fdr_constant=2 if settings.correction is Correction.BY else 1,
        permute_in_time=True,
        **_perm_type(settings),
        estimator_settings=_estimator_settings(settings),
        mode=settings.mode,
    )


def target_result(found: IdtxlTarget, names: Sequence[str], n_rows: int) -> TargetResult:
    """IDTxl's findings as ours. The p of a link is the smallest of its variables', ``te_nats`` of the target the
    omnibus value; there are no coefficients. Values of discrete estimators must have been turned into nats.
    """
    p, te = found.selected_sources_pval or (), found.te or ()
    sources = tuple(
        SourceEstimate(
            source=names[source],
            lag_bars=found.delay(source, "max_te"),
            lags=tuple(sorted(found.lags_of(source))),
            te_nats=value,
            p=min(p[i] for i, (process, _) in enumerate(found.selected_vars_sources) if process == source),
            coefficient=None,
        )
        for source, value in zip(found.sources, te, strict=True)
    )
    return TargetResult(
        target=names[found.target],
        own_lags=tuple(lag for _, lag in found.selected_vars_target),
        sources=sources,
        te_nats=(found.omnibus_te or 0.0) if sources else 0.0,
        omnibus_p=1.0 if found.omnibus_pval is None else found.omnibus_pval,
        n_rows=n_rows,
    )


def idtxl_target(result: TargetResult, names: Sequence[str], settings: NetworkSettings) -> IdtxlTarget:
    """Our findings as IDTxl's. Variables of one link share its p and value, which ours gives per link; its strongest
    lag comes first, so that every delay is that lag.
    """
    index = {name: i for i, name in enumerate(names)}
    target = index[result.target]
    ranked = sorted(result.sources, key=lambda one: index[one.source])
    variables = [(one, lag) for one in ranked for lag in _strongest_first(one)]
    return IdtxlTarget(
        target=target,
        current_value=(target, settings.max_lag),
        sources_tested=tuple(i for i in range(len(names)) if i != target),
        selected_vars_target=tuple((target, lag) for lag in result.own_lags),
        selected_vars_sources=tuple((index[one.source], lag) for one, lag in variables),
        selected_sources_pval=tuple(one.p for one, _ in variables) if variables else None,
        selected_sources_te=tuple(one.te_nats for one, _ in variables) if variables else None,
        omnibus_te=result.te_nats if variables else None,
        omnibus_pval=result.omnibus_p if variables else None,
        omnibus_sign=bool(variables),
        te=tuple(one.te_nats for one in ranked) if variables else None,
    )


def panel_values(panel: Panel) -> NDArray[np.float64]:
    """(n_samples, n_series), standardised as IDTxl's ``Data`` does it.

    Raises:
        InvalidInput: missing samples.
    """
    if not np.isfinite(panel.values).all():
        raise InvalidInput("IDTxl takes complete series only; found missing samples. Drop those rows first.")
    return panel.standardised()


def in_nats(found: IdtxlTarget, settings: IdtxlSettings) -> IdtxlTarget:
    """The same with values in nats; those of discrete estimators come in bits."""
    if settings.estimator is not Estimator.DISCRETE:
        return found
    bit = float(np.log(2))
    values, links = found.selected_sources_te, found.te
    return replace(
        found,
        selected_sources_te=None if values is None else tuple(bit * value for value in values),
        omnibus_te=None if found.omnibus_te is None else bit * found.omnibus_te,
        te=None if links is None else tuple(bit * value for value in links),
    )


def export_results(network: NetworkResult, *, fdr: bool = True) -> tuple[IdtxlTarget, ...]:
    """Every target of a network; ``fdr`` keeps the significant links only, else all that selection kept."""
    significant = {(link.source, link.target) for link in network.links}
    targets = []
    for result in network.targets:
        kept = tuple(one for one in result.sources if not fdr or (one.source, result.target) in significant)
        targets.append(idtxl_target(replace(result, sources=kept), network.names, network.settings))
    return tuple(targets)


def network_adjacency(network: NetworkResult, weights: Weights, *, fdr: bool = True) -> NDArray[np.int64]:
    """(n_series, n_series) as ``adjacency_matrix``. A link has one p, so that max_p_lag is its strongest lag too."""
    return adjacency_matrix(export_results(network, fdr=fdr), len(network.names), weights)


def _strongest_first(source: SourceEstimate) -> list[int]:
    return [source.lag_bars, *(lag for lag in source.lags if lag != source.lag_bars)]


def _one_value(settings: Mapping[str, Any], kind: str, ours: str) -> dict[str, Any]:
    """The value that all given steps share."""
    given = {f"{kind}_{step}": settings[f"{kind}_{step}"] for step in _STEPS if f"{kind}_{step}" in settings}
    if len(set(given.values())) > 1:
        listed = ", ".join(f"{name} {value}" for name, value in given.items())
        raise InvalidInput(
            f"One {ours} serves all steps; found {listed}. Give all the same value, or leave all but one out.",
            details={"field": next(iter(given))},
        )
    return {ours: next(iter(given.values()))} if given else {}


def _surrogates(theirs: IdtxlSettings, given: set[str]) -> dict[str, Any]:
    if not given & {"perm_type", "permute_in_time"}:
        return {}
    if theirs.perm_type == "random":
        return {"surrogates": SurrogateScheme.PERMUTATION}
    if theirs.perm_type == "block" and theirs.perm_range >= ALL_BLOCKS:
        return {"surrogates": SurrogateScheme.BLOCK, "block_bars": theirs.block_size}
    raise InvalidInput(
        f"perm_type {theirs.perm_type} bounds the exchange (max_shift, perm_range), which ours does not. Leave it out "
        "and choose surrogates block or circular, or use compat.analyse_target.",
        details={"field": "perm_type"},
    )


def _estimator(theirs: IdtxlSettings) -> dict[str, Any]:
    options = dict(theirs.estimator_settings)
    for precision in ("rng_seed", "exact_surrogates"):
        options.pop(precision, None)
    level = float(options.pop("noise_level", 0))
    _refuse_unless(level == 0, "noise_level", level, "no noise is added; use 0")
    normalise = str(options.pop("normalise", False)).lower()
    _refuse_unless(
        normalise == "false", "normalise", normalise, "every series is standardised once, as by IDTxl's Data"
    )
    known = {
        Estimator.KSG: {"kraskov_k": "k", "algorithm_num": "ksg_algorithm", "theiler_t": "theiler_bars"},
        Estimator.DISCRETE: {"n_discrete_bins": "n_bins"},
    }.get(theirs.estimator, {})
    if theirs.estimator is Estimator.DISCRETE:
        method = options.pop("discretise_method", "none")
        _refuse_unless(method == "max_ent", "discretise_method", method, "values are cut into bins of equal counts")
    for key, value in options.items():
        _refuse_unless(key in known, key, value, f"{theirs.cmi_estimator} has no such setting here")
    return {known[key]: int(value) for key, value in options.items()}


def _estimator_settings(settings: NetworkSettings) -> dict[str, Any]:
    if settings.estimator is Estimator.KSG:
        return {
            "kraskov_k": settings.k,
            "algorithm_num": settings.ksg_algorithm,
            "theiler_t": settings.theiler_bars,
            "noise_level": 0,
        }
    if settings.estimator is Estimator.DISCRETE:
        return {"n_discrete_bins": settings.n_bins, "discretise_method": "max_ent"}
    return {}


def _perm_type(settings: NetworkSettings) -> dict[str, Any]:
    if settings.estimator in (Estimator.GAUSSIAN, Estimator.DISCRETE):  # their nulls are chi-squared
        return {"perm_type": "random"}
    if settings.surrogates is SurrogateScheme.PERMUTATION:
        return {"perm_type": "random"}
    if settings.surrogates is SurrogateScheme.BLOCK and settings.block_length_bars:
        return {"perm_type": "block", "block_size": settings.block_length_bars, "perm_range": ALL_BLOCKS}
    raise InvalidInput(
        f"surrogates {settings.surrogates.value} has no counterpart in IDTxl's settings; choose permutation, or block "
        "with a length.",
        details={"field": "surrogates"},
    )


def _refuse_unless(condition: bool, name: str, found: object, why: str) -> None:
    if not condition:
        raise InvalidInput(f"{name} {found!r} has no counterpart: {why}.", details={"field": name})
