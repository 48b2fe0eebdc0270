"""The layers that every function of this project runs on."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.assets import Assets
from infra.constructs.http_function import ARCHITECTURE, RUNTIME


def project_layers(scope: Construct, assets: Assets) -> list[lambda_.LayerVersion]:
    """The shared package, and what it needs."""
    paths = {"CoreLayer": assets.core_layer, "WebLayer": assets.web_layer}
    return [
        lambda_.LayerVersion(
            scope,
            name,
            code=lambda_.Code.from_asset(str(path)),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
        for name, path in paths.items()
    ]
