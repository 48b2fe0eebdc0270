"""The options of ``causeway analyse`` about inference, each with its default and what it is good for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from causeway.cli.option_groups import CommandT, under
from causeway.cli.parameters import SYMBOLS
from causeway.model.inference import (
    Autocorrelation,
    Correction,
    CorrectOver,
    Engine,
    InferenceMode,
    InferenceOptions,
    Missing,
    SurrogateScheme,
    Tail,
    Transform,
)

_DEFAULT = InferenceOptions()
_OFFERED = [scheme.value for scheme in SurrogateScheme if scheme is not SurrogateScheme.REPLICATIONS]
_search, _chance = under("Search"), under("Chance: what a link must beat")
_estimation, _trust, _engine = under("Estimation"), under("Trust"), under("Engine")


def _choice(kind: Any) -> click.Choice[str]:
    return click.Choice([member.value for member in kind])


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _estimation("--transform", type=_choice(Transform), default=_DEFAULT.transform.value, show_default=True,
                help="rank: each series' ranks as normal scores, so that heavy tails do not decide."),
    _estimation("--neighbours", "k", type=click.IntRange(1, 100), default=_DEFAULT.k, show_default=True,
                help="KSG: neighbours per estimate; more is steadier and less local."),
    _estimation("--ksg-algorithm", type=click.IntRange(1, 2), default=_DEFAULT.ksg_algorithm, show_default=True,
                help="KSG: algorithm of Kraskov et al. 2004."),
    _estimation("--theiler-bars", type=click.IntRange(0, 10_000), default=_DEFAULT.theiler_bars, show_default=True,
                help="KSG: bars so near in time are no neighbours; for smooth, oversampled series."),
    _estimation("--bins", "n_bins", type=click.IntRange(2, 100), default=_DEFAULT.n_bins, show_default=True,
                help="Discrete: bins of equal counts."),
    _estimation("--ordinal-order", type=click.IntRange(2, 7), default=_DEFAULT.ordinal_order, show_default=True,
                help="Ordinal: bars per order pattern."),
    _search("--mode", type=_choice(InferenceMode), default=_DEFAULT.mode.value, show_default=True,
            help="multivariate: given all drivers found so far; bivariate: each source alone; mi: without own past."),
    _search("--condition-on", type=SYMBOLS, default=None,
            help="Series that act on all others (a market, a sector): conditioned on, never source or target. "
            "@mean and @pc1 are made of all series."),
    _search("--missing", type=_choice(Missing), default=_DEFAULT.missing.value, show_default=True,
            help="drop: bars that all series have; mask: all bars, per target the rows without a hole."),
    _chance("--surrogates", type=click.Choice(_OFFERED), default=_DEFAULT.surrogates.value, show_default=True,
            help="How timing is broken where p is sampled. auto: volatility for returns, else block."),
    _chance("--block-bars", type=click.IntRange(0), default=None,
            help="Block length of surrogates. Default: the larger of 10 and twice the longest lag; 0: from the data."),
    _chance("--tail", type=_choice(Tail), default=_DEFAULT.tail.value, show_default=True,
            help="p beyond the surrogates: fitted to the largest, or counted (never below 1 / draws)."),
    _chance("--autocorrelation", type=_choice(Autocorrelation), default=_DEFAULT.autocorrelation.value,
            show_default=True, help="bartlett: exact tests count fewer rows where residuals are autocorrelated."),
    _chance("--correction", type=_choice(Correction), default=_DEFAULT.correction.value, show_default=True,
            help="False-discovery control: by holds under any dependence, bh under positive dependence."),
    _chance("--correct-over", type=_choice(CorrectOver), default=_DEFAULT.correct_over.value, show_default=True,
            help="q over every candidate link, or over targets (a link then has its target's q)."),
    _trust("--stability-runs", type=click.IntRange(0, 1000), default=None,
           help="Resamples of time, and of the series, per target. Default: 50 where nulls are exact, else none."),
    _trust("--window-bars", type=click.IntRange(40), default=None, help="Repeat on windows of so many bars."),
    _trust("--step-bars", type=click.IntRange(1), default=None, help="Bars between windows. Default: half a window."),
    _engine("--engine", type=_choice(Engine), default=_DEFAULT.engine.value, show_default=True,
            help="idtxl: the installed IDTxl package, with our estimators in it; idtxl-jidt: its own, on Java."),
    _engine("--compat", type=click.Choice(["", "idtxl"]), default=_DEFAULT.compat,
            help="idtxl: IDTxl's decisions, defects included."),
)  # fmt: skip
_NAMES = frozenset(_DEFAULT.as_json())


def inference_options(command: CommandT) -> CommandT:
    """Add every option about inference."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def split(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the rest of the question, its inference part) of the options that a command was given."""
    inference = {name: value for name, value in given.items() if name in _NAMES}
    drivers = inference["condition_on"] or []
    inference["condition_on"] = [name.lower() if name.startswith("@") else name for name in drivers]
    return {name: value for name, value in given.items() if name not in _NAMES}, inference
