"""One synthesis serves every test of the deployment."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.assets import ROOT, Assets
from infra.config import DeploymentConfig
from tests.infra.node import modern_node_first

Template = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def _node() -> None:
    modern_node_first()


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Path]]:
    """Template file of each stack of a stage, by the stack's short name; each stage is synthesised once.

    Synthesis fails on any finding of cdk-nag.
    """

    @cache
    def templates(stage: str) -> dict[str, Path]:
        from infra.app import create_app  # the CDK takes seconds to import, also where tests are only collected

        stand_in = tmp_path_factory.mktemp("assets")
        (stand_in / "index.html").write_text("<!doctype html>")
        outdir = tmp_path_factory.mktemp("cdk")
        create_app(_config(stage), Assets(ROOT, stand_in, stand_in, stand_in), outdir=str(outdir)).synth()
        return {file.name.split("-")[2].split(".")[0]: file for file in outdir.glob("*.template.json")}

    return templates


@pytest.fixture(params=["dev", "prod"])
def templates(request: pytest.FixtureRequest, synthesised: Callable[[str], dict[str, Path]]) -> dict[str, Path]:
    """The templates of either stage."""
    return synthesised(request.param)


def _config(stage: str) -> DeploymentConfig:
    return DeploymentConfig(
        stage=stage,
        domain_name="trade.example.com",
        certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000",
        alarm_email="alarms@example.com" if stage == "prod" else "",
    )


def load(path: Path) -> Template:
    """A template as JSON."""
    loaded: Template = json.loads(path.read_text())
    return loaded
