"""``python -m bench``: the list, the lines, the exit status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import pytest

from bench.__main__ import main
from bench.goals import at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run, benchmarks
from bench.timing import Timing


def _line(name: str, seconds: float, _: Run) -> Line:
    return Line("te-x", name, Timing(seconds, 1.0), goals=(at_most("ours_s", 1),))


def _benchmark(seconds: float) -> dict[str, Benchmark]:
    def cases() -> Iterator[Case]:
        yield from (Case(name, partial(_line, name, seconds)) for name in ("one", "two"))

    return {"te-x": Benchmark("te-x", "a claim", cases)}


def test_the_list_names_every_benchmark_with_its_claim(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    assert listed >= {"te-single", "te-surrogates", "te-network", "te-gaussian", "te-cold", "te-scaling", "te-gpu"}


def test_json_is_one_line_per_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["te-x", "--json", "--no-peers"], _benchmark(0.5)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["case"], line["ours_s"], line["ok"]) for line in lines] == [("one", 0.5, True), ("two", 0.5, True)]
    assert lines[0]["machine"]["cores"] >= 1
    assert lines[0]["versions"]["numpy"]


def test_a_case_is_chosen_by_a_part_of_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    main(["te-x", "--json", "--no-peers", "--case", "tw"], _benchmark(0.5))
    assert [json.loads(line)["case"] for line in capsys.readouterr().out.splitlines()] == ["two"]


def test_the_table_has_the_claim_and_a_row_per_case(capsys: pytest.CaptureFixture[str]) -> None:
    main(["all", "--no-peers"], _benchmark(0.5))
    printed = capsys.readouterr().out
    assert "te-x: a claim" in printed
    assert printed.count("reached: ours_s <= 1") == 2


def test_a_missed_goal_is_the_exit_status() -> None:
    assert main(["te-x", "--no-peers"], _benchmark(2.0)) == 1


def test_an_unknown_name_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["te-y"], _benchmark(0.5)) == 2
    assert "te-x; found: te-y" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(benchmarks()))
def test_cases_of_a_benchmark_have_different_names(name: str) -> None:
    names = [case.name for case in benchmarks()[name].cases()]
    assert names
    assert len(set(names)) == len(names)


def test_a_quick_run_takes_fewer_turns() -> None:
    run = Run(peers=None, quick=True)  # type: ignore[arg-type]  # no peer is asked
    assert run.rounds < Run(peers=run.peers).rounds
