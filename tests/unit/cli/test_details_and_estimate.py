"""What commands say of an estimate and of details, from the wire's shapes."""

from __future__ import annotations

from typing import Any

import pytest

from causeway.cli.details import show_details, show_windows
from causeway.cli.estimate import estimate_text, seconds_text

ESTIMATE: dict[str, Any] = {
    "cpu_s": 250.0, "wall_s": 130.0, "spread": 1.5, "aws_usd": 1.234, "usd_per_vcpu_hour": 0.04, "workers": 2,
    "measured_on": "a processor", "samples": 980, "targets": 44, "excluded": ["BHF"], "tests": 1892,
    "needed_p": 3.2e-6, "reachable_p": None, "can_be_significant": True, "detectable_te_nats": 0.0123,
    "detectable_r2": 0.024, "power": 0.8,
}  # fmt: skip
LINK = {
    "source": "A", "target": "B", "lag_profile": [], "effective_lag": 1.25, "lag_interval": {"low": 1, "high": 3},
    "linear_share": None, "linear_coefficient": -0.2, "stability_time": 0.9, "stability_assets": None,
    "needs": ["C", "D"], "null": None,
}  # fmt: skip
TARGET = {
    "target": "B", "own_lags": [1, 2], "ais_nats": 0.1, "ais_p": 0.01, "te_nats": 0.05, "omnibus_p": 0.001,
    "power": {"detectable_te_nats": 0.007}, "stability_runs": 50,
}  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (42.4, "42 s"), (130, "2 min"), (5399, "90 min"), (9000, "2.5 h")]
)
def test_seconds_in_words(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_an_estimate_names_time_money_tests_and_what_is_left_out() -> None:
    assert estimate_text(ESTIMATE).splitlines() == [
        "About 2 min with 2 workers (4 min of CPU, give or take a factor of 1.5); on AWS about 1.23 USD at 0.04 USD a "
        "vCPU-hour.",
        "44 targets, 980 samples, 1,892 tests: a lone link needs p <= 3.2e-06; a linear one of 0.0123 nats (partial R2 "
        "2.4%) is found with 80% probability.",
        "Left out for a short history: BHF.",
    ]


def test_the_power_of_a_linear_test_is_not_promised_of_another_estimator() -> None:
    assert "with 80% probability by the gaussian estimator; ksg needs a stronger one." in estimate_text(ESTIMATE, "ksg")
    assert "needs a stronger one" not in estimate_text(ESTIMATE, "copula")


def test_an_estimate_warns_where_nothing_can_be_significant() -> None:
    text = estimate_text(ESTIMATE | {"can_be_significant": False, "reachable_p": 5e-5, "cpu_s": None})
    assert "No lone link can be significant: surrogates cannot give p below 5.0e-05." in text
    assert text.startswith("Nobody has measured how long this takes")


def test_details_as_tables(capsys: pytest.CaptureFixture[str]) -> None:
    show_details({"links": [LINK], "targets": [TARGET]}, as_json=False, as_csv=False)
    out = capsys.readouterr().out
    assert [line.split() for line in out.splitlines()[1:2]] == [
        ["A", "B", "1.25", "1-3", "90%", "-", "-", "-0.2", "C,D"]
    ]  # fmt: skip
    assert "0.007" in out


def test_details_as_csv_are_the_links(capsys: pytest.CaptureFixture[str]) -> None:
    show_details({"links": [LINK], "targets": [TARGET]}, as_json=False, as_csv=True)
    header, row = capsys.readouterr().out.splitlines()
    assert header.split(",")[:4] == ["source", "target", "effective_lag", "strongest"]
    assert row.startswith("A,B,1.25,1-3,90%")


def test_windows_as_a_table_oldest_first(capsys: pytest.CaptureFixture[str]) -> None:
    link = {"source": "A", "target": "B", "lag_bars": 2, "te_nats": 0.02, "p": 0.001, "q": 0.03, "significant": True}
    first = {"start": "2005-01-03", "end": "2006-12-29", "links": [link]}
    second = {"start": "2006-01-03", "end": "2007-12-31", "links": [link | {"q": 0.2, "significant": False}]}
    show_windows({"window_bars": 500, "windows": [first, second]}, as_json=False, as_csv=False)
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["2005-01-03", "2006-12-29", "A", "B", "2", "0.02", "0.001", "0.03", "significant"],
        ["2006-01-03", "2007-12-31", "A", "B", "2", "0.02", "0.001", "0.2"],
    ]
    show_windows({"window_bars": None, "windows": []}, as_json=False, as_csv=False)
    assert "no windows were asked for" in capsys.readouterr().err
