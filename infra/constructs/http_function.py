"""A Lambda function of this project: Python 3.13 on arm64, inside the VPC, with a published alias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.assets import Assets
from infra.constructs.grants import let_read_secrets
from infra.constructs.nag import NETWORK_INTERFACES, acknowledge
from infra.stacks.network import NetworkStack

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64


class ProjectFunction(Construct):
    """``functions.<name>.handler.handler`` with its role, log group and alias ``live``."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        function_name: str,
        assets: Assets,
        network: NetworkStack,
        layers: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        key: kms.IKey,
        secrets: Sequence[secretsmanager.ISecret],
        fixed_name: str | None = None,
        memory_mb: int = 512,
        timeout_s: int = 29,
    ) -> None:
        super().__init__(scope, name)
        role = self._role(key, secrets)
        log_group = logs.LogGroup(self, "Logs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=key)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=fixed_name,
            description=f"causeway {function_name}",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=lambda_.Code.from_asset(
                str(assets.root),
                exclude=["**", "!functions", "!functions/**", "**/__pycache__/**"],
                ignore_mode=cdk.IgnoreMode.DOCKER,
            ),
            handler=f"functions.{function_name}.handler.handler",
            layers=list(layers),
            environment=dict(environment),
            environment_encryption=key,
            role=role,
            vpc=network.vpc,
            vpc_subnets=network.private_subnets,
            security_groups=[network.functions],
            memory_size=memory_mb,
            timeout=cdk.Duration.seconds(timeout_s),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,
        )
        acknowledge(self.function, {"L1": "Python 3.13 is the newest runtime that every locked wheel is tested with."})
        self.alias = lambda_.Alias(self, "Live", alias_name="live", version=self.function.current_version)
        self.role = role

    def _role(self, key: kms.IKey, secrets: Sequence[secretsmanager.ISecret]) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "ec2:CreateNetworkInterface",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSubnets",
                    "ec2:DeleteNetworkInterface",
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:UnassignPrivateIpAddresses",
                ],
                resources=["*"],
            )
        )
        let_read_secrets(role, secrets, key)
        acknowledge(role, {"IAM5[Resource::*]": NETWORK_INTERFACES})
        return role
