"""The CDK application: eight stacks, synthesised without an AWS account or network.

cdk deploy --all -c stage=dev
"""

from __future__ import annotations

import aws_cdk as cdk
import cdk_nag

from infra.assets import Assets
from infra.config import DeploymentConfig
from infra.stacks.analysis import AnalysisStack
from infra.stacks.api import ApiStack
from infra.stacks.data import DataStack
from infra.stacks.edge import EdgeStack
from infra.stacks.ingest import IngestStack
from infra.stacks.network import NetworkStack
from infra.stacks.observability import ObservabilityStack
from infra.stacks.realtime import RealtimeStack

_FEATURE_FLAGS = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker": True,
}


def create_app(config: DeploymentConfig, assets: Assets, *, outdir: str | None = None) -> cdk.App:
    """Every stack of one deployment, with cdk-nag's AwsSolutions rules as validations."""
    app = cdk.App(outdir=outdir, analytics_reporting=False, context=_FEATURE_FLAGS)
    name = f"Causeway-{config.stage}"
    env = cdk.Environment(region=config.region)
    network = NetworkStack(app, f"{name}-Network", env=env)
    data = DataStack(app, f"{name}-Data", env=env, config=config, network=network)
    analysis = AnalysisStack(app, f"{name}-Analysis", env=env, config=config, network=network, data=data, assets=assets)
    ingest = IngestStack(
        app, f"{name}-Ingest", env=env, config=config, network=network, data=data, analysis=analysis, assets=assets
    )
    api = ApiStack(
        app, f"{name}-Api", env=env, config=config, network=network, data=data, analysis=analysis, ingest=ingest,
        assets=assets,
    )  # fmt: skip
    realtime = RealtimeStack(app, f"{name}-Realtime", env=env, config=config, network=network, data=data, assets=assets)
    EdgeStack(app, f"{name}-Edge", env=env, config=config, api=api, realtime=realtime, assets=assets)
    ObservabilityStack(
        app, f"{name}-Observability", env=env, config=config, api=api, analysis=analysis, realtime=realtime, data=data
    )
    cdk.Tags.of(app).add("application", "causeway")
    cdk.Tags.of(app).add("stage", config.stage)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    return app


def main() -> None:
    """Entry of ``cdk synth`` and ``cdk deploy``."""
    context = cdk.App().node.get_all_context() or {}
    create_app(DeploymentConfig.from_context(dict(context)), Assets.built()).synth()


if __name__ == "__main__":
    main()
