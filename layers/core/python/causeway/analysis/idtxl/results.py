"""IDTxl's results: one target's findings under IDTxl's names, and adjacency matrices as IDTxl makes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput

Weights = Literal["max_te_lag", "max_p_lag", "vars_count", "binary"]
Variable = tuple[int, int]  # (process, lag in bars)


@dataclass(frozen=True, slots=True)
class IdtxlTarget:
    """One target. ``current_value`` is (target, index of the first predicted sample). Values in the unit of the
    estimator: nats, or bits for IDTxl's discrete ones. ``selected_sources_pval`` and ``selected_sources_te`` belong to
    ``selected_vars_sources`` one by one, ``te`` to its sources by rising index; all None if the omnibus test failed.
    """

    target: int
    current_value: tuple[int, int]
    sources_tested: tuple[int, ...]
    selected_vars_target: tuple[Variable, ...]
    selected_vars_sources: tuple[Variable, ...]
    selected_sources_pval: tuple[float, ...] | None
    selected_sources_te: tuple[float, ...] | None
    omnibus_te: float | None
    omnibus_pval: float | None
    omnibus_sign: bool
    te: tuple[float, ...] | None

    @property
    def sources(self) -> tuple[int, ...]:
        """The processes with a selected variable, rising."""
        return tuple(sorted({process for process, _ in self.selected_vars_sources}))

    def lags_of(self, source: int) -> tuple[int, ...]:
        """Selected lags of a source, in the order of selection."""
        return tuple(lag for process, lag in self.selected_vars_sources if process == source)

    def delay(self, source: int, criterion: Literal["max_te", "max_p"]) -> int:
        """The lag with the largest value, or with the smallest p; the first selected among equals."""
        at = [i for i, (process, _) in enumerate(self.selected_vars_sources) if process == source]
        if criterion == "max_te":
            values = _known(self.selected_sources_te)
            best = max(at, key=lambda i: values[i])
        else:
            p = _known(self.selected_sources_pval)
            best = min(at, key=lambda i: p[i])
        return self.selected_vars_sources[best][1]

    def as_idtxl(self, measure: Literal["te", "mi"] = "te") -> dict[str, Any]:
        """The dict that ``ResultsNetworkInference.get_single_target`` returns, numbers in numpy arrays."""
        found: dict[str, Any] = asdict(self)
        found.pop("target")
        for name in ("selected_vars_target", "selected_vars_sources", "sources_tested"):
            found[name] = list(found[name])
        for name in ("selected_sources_pval", "selected_sources_te", "te"):
            found[name] = None if found[name] is None else np.array(found[name])
        return {name if measure == "te" else _AS_MI.get(name, name): value for name, value in found.items()}

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types; floats survive the round trip bit by bit."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_idtxl(cls, target: int, found: Mapping[str, Any]) -> IdtxlTarget:
        """The inverse of ``as_idtxl`` and of ``as_json``; local values become their mean. Mutual information, whose
        fields are named ``omnibus_mi``, ``mi``, ..., is read as well.

        Raises:
            InvalidInput: a field is missing.
        """
        found = {_AS_TE.get(name, name): value for name, value in found.items()}
        names = {field.name for field in fields(cls)} - {"target"}
        missing = sorted(names - set(found))
        if missing:
            raise InvalidInput(f"Not a result of IDTxl's network inference: {', '.join(missing)} is missing.")
        return cls(
            target=int(target),
            current_value=_variable(found["current_value"]),
            sources_tested=tuple(int(source) for source in found["sources_tested"]),
            selected_vars_target=tuple(_variable(v) for v in found["selected_vars_target"]),
            selected_vars_sources=tuple(_variable(v) for v in found["selected_vars_sources"]),
            selected_sources_pval=_numbers(found["selected_sources_pval"]),
            selected_sources_te=_numbers(found["selected_sources_te"]),
            omnibus_te=None if found["omnibus_te"] is None else float(found["omnibus_te"]),
            omnibus_pval=None if found["omnibus_pval"] is None else float(found["omnibus_pval"]),
            omnibus_sign=bool(found["omnibus_sign"]),
            te=_link_values(found["te"]),
        )


def import_results(results: Any, *, fdr: bool = True) -> tuple[IdtxlTarget, ...]:
    """The targets of IDTxl's ``ResultsNetworkInference``; ``fdr`` asks for the corrected ones.

    Raises:
        InvalidInput: no corrected results exist. IDTxl gives none if it thinks its permutations too few.
    """
    try:
        found = [(target, results.get_single_target(target, fdr=fdr)) for target in results.targets_analysed]
    except RuntimeError as refused:
        raise InvalidInput(
            "These results hold no FDR-corrected targets: IDTxl corrects nothing if 1/n_perm exceeds its smallest "
            "threshold, or if fdr_correction was false. Ask for fdr=False, or use more permutations."
        ) from refused
    return tuple(IdtxlTarget.from_idtxl(target, single) for target, single in found)


def adjacency_matrix(targets: Iterable[IdtxlTarget], n_nodes: int, weights: Weights) -> NDArray[np.int64]:
    """(n_nodes, n_nodes): row source, column target, 0 for no link; else a lag in bars, a count of lags, or 1.

    Same numbers as ``get_adjacency_matrix``, whose vars_count fails in IDTxl 1.6.1.

    Raises:
        InvalidInput: no such weights, or a process beyond ``n_nodes``.
    """
    if weights not in get_args(Weights):
        raise InvalidInput(f"weights must be one of {', '.join(get_args(Weights))}; found {weights!r}.")
    matrix = np.zeros((n_nodes, n_nodes), dtype=np.int64)
    for found in targets:
        if max((found.target, *found.sources)) >= n_nodes:
            raise InvalidInput(f"Results for target {found.target} name a process beyond the {n_nodes} nodes.")
        for source in found.sources:
            matrix[source, found.target] = _weight(found, source, weights)
    return matrix


def to_json(targets: Sequence[IdtxlTarget], settings: Mapping[str, Any]) -> str:
    """Targets and the settings that they were found with, as JSON text."""
    document = {"settings": dict(settings), "targets": [found.as_json() for found in targets]}
    return json.dumps(document, sort_keys=True, allow_nan=False)


def from_json(text: str) -> tuple[tuple[IdtxlTarget, ...], dict[str, Any]]:
    """The inverse of ``to_json``."""
    document = json.loads(text)
    return tuple(IdtxlTarget.from_idtxl(one["target"], one) for one in document["targets"]), document["settings"]


_AS_TE = {"selected_sources_mi": "selected_sources_te", "omnibus_mi": "omnibus_te", "mi": "te"}
_AS_MI = {te: mi for mi, te in _AS_TE.items()}


def _weight(found: IdtxlTarget, source: int, weights: Weights) -> int:
    if weights == "max_te_lag":
        return found.delay(source, "max_te")
    if weights == "max_p_lag":
        return found.delay(source, "max_p")
    return len(found.lags_of(source)) if weights == "vars_count" else 1


def _known(values: tuple[float, ...] | None) -> tuple[float, ...]:
    if values is None:
        raise InvalidInput("This result holds no values per variable.")
    return values


def _variable(pair: Sequence[Any]) -> Variable:
    process, lag = pair
    return int(process), int(lag)


def _numbers(values: Any) -> tuple[float, ...] | None:
    return None if values is None else tuple(float(value) for value in values)


def _link_values(values: Any) -> tuple[float, ...] | None:
    """One number per link: local values (links, samples, replications) are averaged."""
    return None if values is None else tuple(float(np.mean(value)) for value in values)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
