"""Two answers side by side: which links both found, what changed in them, and what was asked differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from causeway.model.signal import Link
from causeway.pipelines.question_changes import DataState, QuestionChange, data_state, question_changes, reading_notes

Side = Literal["a", "b", "both", "neither"]
Change = Literal["significance", "lag", "sign"]
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One stored answer. ``spec`` is the stored question (JSON), ``symbols`` what was left after exclusions."""

    result_id: str
    spec: Mapping[str, Any]
    symbols: Sequence[str]
    data_hash: str
    code_version: str
    engine_version: str
    links: Sequence[Link]
    evaluation: Mapping[str, Any]

    @property
    def candidates(self) -> frozenset[str]:
        """Series that may be a source or a target: all but the drivers that are only conditioned on."""
        return frozenset(self.symbols) - frozenset(self.spec.get("inference", {}).get("condition_on", ()))

    def significant(self, link: Link | None) -> bool:
        """Whether q lies below this run's own alpha."""
        return link is not None and link.q < self.spec["alpha"]


@dataclass(frozen=True, slots=True)
class LinkPair:
    """A link that at least one run kept; ``a`` and ``b`` are None where that run did not keep it.

    ``found`` names the runs in which it is significant, ``asked`` those in which it could have been. ``changes`` is
    empty for a pair that only one run asked about. ``te_ratio`` is B's transfer entropy over A's, None unless both
    kept the link and A's is positive.
    """

    source: str
    target: str
    found: Side
    asked: Side
    changes: tuple[Change, ...]
    te_ratio: float | None
    a: Link | None
    b: Link | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Significant links, counted over the ordered pairs that both runs asked about.

    ``jaccard`` is shared over found in either, None where neither found any. ``expected_shared`` is how many two
    draws of these sizes share by chance: the mean of the hypergeometric distribution. ``same_lag`` counts shared
    links with the same strongest lag, None where bars differ in width.
    """

    pairs: int
    found_a: int
    found_b: int
    shared: int
    jaccard: float | None
    expected_shared: float
    same_lag: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``notes`` say what to keep in mind; ``links`` come by the smaller q of the two."""

    same_answer: bool
    data: DataState
    question: tuple[QuestionChange, ...]
    overlap: Overlap
    links: tuple[LinkPair, ...]
    notes: tuple[str, ...]


def compare_runs(a: Run, b: Run) -> Comparison:
    """Compare two stored answers; each link is judged by its own run's alpha, lags only where bars are equally wide."""
    changes = question_changes(a.spec, b.spec)
    data = data_state(a.data_hash, b.data_hash, changes)
    links = _pairs(a, b)
    return Comparison(
        same_answer=a.result_id == b.result_id,
        data=data,
        question=changes,
        overlap=_overlap(a, b, links),
        links=links,
        notes=(*_notes(a, b), *reading_notes(changes, data)),
    )


def _pairs(a: Run, b: Run) -> tuple[LinkPair, ...]:
    of_a, of_b = _by_pair(a), _by_pair(b)
    of_either, in_a, in_b = {**of_a, **of_b}, a.candidates, b.candidates
    asked = {pair: _side(in_a.issuperset(pair), in_b.issuperset(pair)) for pair in of_either}
    made = [_pair(a, b, pair, asked[pair], of_a.get(pair), of_b.get(pair)) for pair in of_either]
    return tuple(sorted(made, key=lambda one: (_least_q(one), one.source, one.target)))


def _by_pair(run: Run) -> dict[_Pair, Link]:
    return {(link.source, link.target): link for link in run.links}


def _pair(a: Run, b: Run, pair: _Pair, asked: Side, in_a: Link | None, in_b: Link | None) -> LinkPair:
    found = _side(a.significant(in_a), b.significant(in_b))
    changes = _changes(found, in_a, in_b, same_bars=_same_bars(a, b)) if asked == "both" else ()
    ratio = in_b.te_nats / in_a.te_nats if in_a and in_b and in_a.te_nats > 0 else None
    return LinkPair(*pair, found=found, asked=asked, changes=changes, te_ratio=ratio, a=in_a, b=in_b)


def _changes(found: Side, a: Link | None, b: Link | None, *, same_bars: bool) -> tuple[Change, ...]:
    changes: list[Change] = ["significance"] if found in {"a", "b"} else []
    if a and b and same_bars and a.lag_bars != b.lag_bars:
        changes.append("lag")
    if a and b and (a.coefficient or 0.0) * (b.coefficient or 0.0) < 0:
        changes.append("sign")
    return tuple(changes)


def _overlap(a: Run, b: Run, links: Sequence[LinkPair]) -> Overlap:
    both = [link for link in links if link.asked == "both"]
    shared = [link for link in both if link.found == "both"]
    found_a = len(shared) + sum(link.found == "a" for link in both)
    found_b = len(shared) + sum(link.found == "b" for link in both)
    common = len(a.candidates & b.candidates)
    pairs, either = common * (common - 1), found_a + found_b - len(shared)
    return Overlap(
        pairs=pairs,
        found_a=found_a,
        found_b=found_b,
        shared=len(shared),
        jaccard=len(shared) / either if either else None,
        expected_shared=found_a * found_b / pairs if pairs else 0.0,
        same_lag=sum("lag" not in link.changes for link in shared) if _same_bars(a, b) else None,
    )


def _notes(a: Run, b: Run) -> list[str]:
    if a.result_id == b.result_id:
        return ["Both analyses have one and the same answer: an equal question on equal data is computed once."]
    notes = []
    if a.engine_version != b.engine_version or a.code_version != b.code_version:
        notes.append("The answers were computed by different versions: a difference may come from the code.")
    if a.candidates != b.candidates:
        alone = _named(sorted(a.candidates ^ b.candidates))
        notes.append(
            f"In one analysis only: {alone}. Their links are not counted in the overlap; in a multivariate analysis "
            "they also condition the other links."
        )
    if any(a.evaluation.get(name) != b.evaluation.get(name) for name in ("start", "end", "bars")):
        notes.append("The evaluations cover different bars: do not rank the analyses by their returns.")
    return notes


def _named(symbols: Sequence[str], most: int = 5) -> str:
    more = f" and {len(symbols) - most} more" if len(symbols) > most else ""
    return ", ".join(symbols[:most]) + more


def _side(a: bool, b: bool) -> Side:
    return ("both" if b else "a") if a else ("b" if b else "neither")


def _same_bars(a: Run, b: Run) -> bool:
    return bool(a.spec["bar_size"] == b.spec["bar_size"])


def _least_q(pair: LinkPair) -> float:
    return min(link.q for link in (pair.a, pair.b) if link is not None)
