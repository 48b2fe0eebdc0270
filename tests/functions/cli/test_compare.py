"""``causeway compare`` against the real functions."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from causeway.model.job import AnalysisSpec
from causeway.model.signal import Link
from tests.fixtures.analysis import store_market
from tests.functions.analysis.test_compare import answered
from tests.functions.cli.conftest import Shell
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = pytest.mark.postgres


@pytest.fixture
def spec(signed_in: Shell) -> AnalysisSpec:
    histories = coupled_market()
    store_market(signed_in.databases, histories)
    return question(histories)


@pytest.fixture
def two(signed_in: Shell, spec: AnalysisSpec) -> tuple[str, str]:
    """Two answered jobs: one link is shared at another lag, one is new."""
    one, other, third, _ = spec.symbols
    shared = Link(one, other, 1, (1,), 0.04, 0.001, 0.01, -0.3)
    moved = Link(one, other, 2, (2,), 0.06, 0.001, 0.02, -0.3)
    fresh = Link(third, other, 1, (1,), 0.01, 0.001, 0.03)
    told: dict[str, Any] = {"summary": {"symbols": list(spec.symbols)}}
    a = answered(signed_in.databases, signed_in.user_id, spec, [shared], **told)
    b = answered(signed_in.databases, signed_in.user_id, spec, [moved, fresh], **told)
    return str(a), str(b)


def test_a_table_says_what_changed(signed_in: Shell, two: tuple[str, str]) -> None:
    found = signed_in.run("compare", *two)
    assert found.exit_code == 0, found.output
    header, shared, fresh = (line.split() for line in found.stdout.splitlines()[1:4])
    assert header[:4] == ["SOURCE", "TARGET", "FOUND", "IN"]
    assert shared[2:] == ["A", "and", "B", "lag", "0.04", "0.06", "1.5", "1", "2", "0.01", "0.02"]
    assert fresh[2:] == ["B", "only", "significance", "-", "0.01", "-", "-", "1", "-", "0.03"]
    assert "A found 1 links, B 2, of 12 that both asked about; 1 shared, 0 of them at the same lag." in found.stdout
    assert "Overlap (Jaccard) 0.50; chance alone would share 0.17." in found.stdout
    assert "The data is the same." in found.stdout
    assert "both ask the same question" in found.stderr


def test_csv_has_a_row_for_each_link(signed_in: Shell, two: tuple[str, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(signed_in.run("compare", *two, "--csv").stdout)))
    assert [(row["found"], row["changes"], row["te_nats_a"], row["lag_bars_b"]) for row in rows] == [
        ("both", "lag", "0.04", "2"),
        ("b", "significance", "", "1"),
    ]


def test_json_is_what_the_server_says(signed_in: Shell, two: tuple[str, str]) -> None:
    found = signed_in.json("compare", *two)
    assert (found["a"]["job_id"], found["b"]["job_id"]) == two
    assert found["overlap"]["jaccard"] == 0.5


def test_an_unknown_analysis_is_named(signed_in: Shell, two: tuple[str, str]) -> None:
    unknown = "0b7c1f2e-1111-4222-8333-444455556666"
    found = signed_in.run("compare", two[0], unknown)
    assert (found.exit_code, found.stdout, unknown in found.stderr) == (1, "", True)
