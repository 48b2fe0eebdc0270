"""Container images of this project: one Dockerfile per container, the repository root as context."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from constructs import Construct

from infra.assets import Assets

_CONTEXT = (
    "layers/core/python",
    "layers/core/python/**",
    "containers",
    "containers/**",
    "requirements",
    "requirements/**",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


def project_image(
    scope: Construct,
    name: str,
    assets: Assets,
    container: str,
    platform: ecr_assets.Platform,
    build_args: dict[str, str] | None = None,
) -> ecr_assets.DockerImageAsset:
    """``containers/<container>/Dockerfile``, built when the stack is deployed; synthesis needs no Docker."""
    return ecr_assets.DockerImageAsset(
        scope,
        name,
        directory=str(assets.root),
        file=f"containers/{container}/Dockerfile",
        platform=platform,
        build_args=build_args,
        exclude=["**", *[f"!{path}" for path in _CONTEXT], "**/__pycache__/**"],
        ignore_mode=cdk.IgnoreMode.DOCKER,
    )  # fmt: skip
