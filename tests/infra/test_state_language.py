"""The state machine's text, checked by the state language's own validator (it sees dangling and unreachable states)."""

from __future__ import annotations

import subprocess

import pytest

from infra.assets import ROOT


def test_the_analysis_state_machine_is_valid() -> None:
    validator = ROOT / "infra/node_modules/.bin/asl-validator"
    if not validator.exists():
        pytest.skip("asl-validator is not installed; run npm ci --prefix infra")
    asl = ROOT / "infra/statemachines/analysis.asl.json"
    result = subprocess.run([validator, "--json-path", asl], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
