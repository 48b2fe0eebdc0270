"""Two answers side by side. Expected counts are by hand from the definitions in the docstrings."""

from __future__ import annotations

from typing import Any

import pytest

from causeway.model.signal import Link
from causeway.pipelines.comparison import Comparison, LinkPair, Run, compare_runs

SPEC: dict[str, Any] = {
    "symbols": ["A", "B", "C", "D"], "measure": "returns", "estimator": "gaussian", "bar_size": "1d",
    "start": "2010-01-04T00:00:00Z", "train_end": "2015-01-02T00:00:00Z", "end": "2017-01-03T00:00:00Z",
    "max_lag": 5, "horizon": 1, "alpha": 0.05, "n_permutations": 200, "seed": 1, "cost_bps": 5.0,
}  # fmt: skip


def link(names: str, lag: int = 1, *, te: float = 0.02, q: float = 0.01, coefficient: float | None = 0.2) -> Link:
    return Link(names[0], names[1], lag, (lag,), te, q / 10, q, coefficient)


def run(*links: Link, spec: dict[str, Any] | None = None, **parts: Any) -> Run:
    asked = SPEC | (spec or {})
    stored = {"result_id": "r", "data_hash": "d", "code_version": "c", "engine_version": "e", "evaluation": {}}
    return Run(**({"spec": asked, "symbols": asked["symbols"], "links": links} | stored | parts))


def only(compared: Comparison) -> LinkPair:
    (pair,) = compared.links
    return pair


def test_links_are_told_apart_by_where_they_are_significant() -> None:
    a = run(link("AB"), link("AC"), link("BC", q=0.2), link("DA", q=0.3))
    b = run(link("AB"), link("AC", q=0.06), link("BC"), link("CD", q=0.9))
    found = {(pair.source + pair.target): pair.found for pair in compare_runs(a, b).links}
    assert found == {"AB": "both", "AC": "a", "BC": "b", "DA": "neither", "CD": "neither"}


def test_links_come_by_the_smaller_of_their_two_q() -> None:
    a, b = run(link("AB", q=0.03), link("AC", q=0.04)), run(link("AC", q=0.001), link("AD", q=0.02))
    assert [pair.target for pair in compare_runs(a, b).links] == ["C", "D", "B"]


def test_each_run_is_judged_by_its_own_alpha() -> None:
    strict = run(link("AB", q=0.03), spec={"alpha": 0.01})
    assert only(compare_runs(run(link("AB", q=0.03)), strict)).found == "a"
    assert "q < 0.05 in A, q < 0.01 in B" in compare_runs(run(), strict).notes[-1]


def test_q_at_alpha_is_not_significant() -> None:
    assert only(compare_runs(run(link("AB", q=0.05)), run())).found == "neither"


@pytest.mark.parametrize(
    ("in_b", "changes"),
    [
        (link("AB", 1), ()),
        (link("AB", 3), ("lag",)),
        (link("AB", coefficient=-0.1), ("sign",)),
        (link("AB", coefficient=None), ()),
        (link("AB", 2, q=0.5, coefficient=-0.1), ("significance", "lag", "sign")),
    ],
)
def test_what_changed_in_a_link(in_b: Link, changes: tuple[str, ...]) -> None:
    assert only(compare_runs(run(link("AB")), run(in_b))).changes == changes


def test_a_link_that_the_other_run_did_not_keep_changed_its_significance_alone() -> None:
    pair = only(compare_runs(run(), run(link("AB"))))
    assert (pair.a, pair.found, pair.changes, pair.te_ratio) == (None, "b", ("significance",), None)


@pytest.mark.parametrize(("of_a", "of_b", "ratio"), [(0.02, 0.03, 1.5), (0.02, -0.01, -0.5), (-0.01, 0.02, None)])
def test_the_ratio_of_strengths_needs_a_positive_base(of_a: float, of_b: float, ratio: float | None) -> None:
    found = only(compare_runs(run(link("AB", te=of_a)), run(link("AB", te=of_b)))).te_ratio
    assert found == (None if ratio is None else pytest.approx(ratio))


def test_overlap_is_counted_over_found_links() -> None:
    a = run(link("AB", 1), link("AC", 1), link("AD", 1), link("BC", q=0.5))
    b = run(link("AB", 1), link("AC", 2), link("CD", 1), link("BC", q=0.5))
    overlap = compare_runs(a, b).overlap
    assert (overlap.pairs, overlap.found_a, overlap.found_b, overlap.shared, overlap.same_lag) == (12, 3, 3, 2, 1)
    assert overlap.jaccard == 2 / 4  # AB, AC of AB, AC, AD, CD
    assert overlap.expected_shared == 3 * 3 / 12


def test_without_any_link_there_is_no_jaccard() -> None:
    overlap = compare_runs(run(), run(link("AB", q=0.5))).overlap
    assert (overlap.jaccard, overlap.expected_shared) == (None, 0.0)


def test_what_one_run_did_not_ask_is_neither_change_nor_overlap() -> None:
    small = run(link("AB"), spec={"symbols": ["A", "B"]}, result_id="r2")
    compared = compare_runs(run(link("AB"), link("CD")), small)
    alone = next(pair for pair in compared.links if pair.source == "C")
    assert (alone.found, alone.asked, alone.changes) == ("a", "a", ())
    assert (compared.overlap.pairs, compared.overlap.found_a, compared.overlap.jaccard) == (2, 1, 1.0)
    assert "In one analysis only: C, D." in compared.notes[0]


def test_of_many_series_in_one_run_only_a_few_are_named() -> None:
    many = run(spec={"symbols": [f"S{i}" for i in range(9)]}, result_id="r2")
    assert "In one analysis only: A, B, C, D, S0 and 8 more." in compare_runs(run(), many).notes[0]


def test_a_driver_that_is_conditioned_on_has_no_links_to_compare() -> None:
    driven = run(spec={"inference": {"condition_on": ["D"]}})
    pair = only(compare_runs(run(link("DA")), driven))
    assert (pair.asked, pair.changes) == ("a", ())


def test_excluded_series_were_not_asked_about() -> None:
    assert only(compare_runs(run(link("DA")), run(symbols=["A", "B", "C"]))).asked == "a"


def test_lags_in_bars_of_different_width_are_not_compared() -> None:
    compared = compare_runs(run(link("AB", 1)), run(link("AB", 4), spec={"bar_size": "1h"}))
    assert (only(compared).changes, compared.overlap.same_lag) == ((), None)
    assert "Lags count bars of 1d and of 1h: they are not compared." in compared.notes


def test_fields_that_differ_are_named_with_both_values() -> None:
    b = run(spec={"max_lag": 3, "inference": {"k": 5, "mode": "multivariate-te"}})
    changes = [(change.field, change.a, change.b) for change in compare_runs(run(), b).question]
    assert changes == [("max_lag", 5, 3), ("inference.k", 4, 5)]


def test_the_order_of_symbols_is_no_difference() -> None:
    assert compare_runs(run(), run(spec={"symbols": ["D", "C", "B", "A"]})).question == ()


@pytest.mark.parametrize(
    ("change", "data_hash", "state"),
    [
        ({}, "d", "same"),
        ({"seed": 2}, "d", "same"),
        ({"seed": 2}, "e", "changed"),
        ({"end": "2018-01-02"}, "e", "other"),
    ],
)
def test_the_data_is_the_same_changed_or_another(change: dict[str, Any], data_hash: str, state: str) -> None:
    compared = compare_runs(run(), run(spec=change, data_hash=data_hash, result_id="r2"))
    assert compared.data == state
    assert any("the data is not the same" in note for note in compared.notes) is (state == "changed")


def test_one_answer_compared_with_itself_has_one_note() -> None:
    compared = compare_runs(run(link("AB")), run(link("AB")))
    assert (compared.same_answer, len(compared.notes)) == (True, 1)
    assert "one and the same answer" in compared.notes[0]


@pytest.mark.parametrize(
    ("parts", "note"),
    [
        ({"engine_version": "e2"}, "different versions"),
        ({"code_version": "c2"}, "different versions"),
        ({"spec": {"max_lag": 2}}, "A looks 5 bars back, B 2"),
        ({"spec": {"estimator": "ksg"}}, "estimator gaussian and ksg"),
        ({"spec": {"inference": {"mode": "bivariate-mi"}}}, "mode multivariate-te and bivariate-mi"),
        ({"evaluation": {"start": "2016-01-04T00:00:00Z", "bars": 200}}, "different bars"),
    ],
)
def test_notes_say_what_to_keep_in_mind(parts: dict[str, Any], note: str) -> None:
    (said,) = compare_runs(run(), run(result_id="r2", **parts)).notes
    assert note in said
