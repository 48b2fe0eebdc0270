"""Tables on stdout: estimates are rounded, prices and volumes are not."""

from __future__ import annotations

import pytest

from causeway.cli.output import show_table


def shown(capsys: pytest.CaptureFixture[str], value: float, *, exact: bool) -> str:
    show_table({"x": "X"}, [{"x": value}], empty="", exact=exact)
    return capsys.readouterr().out.splitlines()[1].strip()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.5678, "1234.5678"),
        (100.12345678901234, "100.12345678901234"),
        (1260000.0, "1260000"),
        (123456789012.5, "123456789012.5"),
        (1e22, "10000000000000000000000"),
        (0.00000123, "0.00000123"),
        (-0.5, "-0.5"),
        (10.0, "10"),
        (0.0, "0"),
    ],
)
def test_an_exact_table_prints_every_digit_without_an_exponent(
    capsys: pytest.CaptureFixture[str], value: float, text: str
) -> None:
    assert shown(capsys, value, exact=True) == text


def test_an_estimate_has_six_significant_digits(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, 0.0123456789, exact=False) == "0.0123457"
