"""A disk that outlives its task: what the live feed holds until the database has it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config import DeploymentConfig
from infra.stacks.data import DataStack
from infra.stacks.network import NetworkStack

_VOLUME = "spool"
_NOBODY = "65534"  # USER of the image
DIRECTORY = "/var/lib/causeway/spool"


class SpoolVolume(Construct):
    """A file system with one directory, encrypted at rest and on the way, and only for tasks that ``mount`` it."""

    def __init__(
        self, scope: Construct, name: str, *, config: DeploymentConfig, network: NetworkStack, data: DataStack
    ) -> None:
        super().__init__(scope, name)
        self.file_system = efs.FileSystem(
            self, "Files", vpc=network.vpc, vpc_subnets=network.isolated_subnets, security_group=network.spool,
            encrypted=True, kms_key=data.key, throughput_mode=efs.ThroughputMode.ELASTIC, allow_anonymous_access=False,
            removal_policy=cdk.RemovalPolicy.RETAIN if config.is_prod else cdk.RemovalPolicy.DESTROY,
        )  # fmt: skip
        self._directory = self.file_system.add_access_point(
            "Directory",
            path="/spool",
            create_acl=efs.Acl(owner_uid=_NOBODY, owner_gid=_NOBODY, permissions="700"),
            posix_user=efs.PosixUser(uid=_NOBODY, gid=_NOBODY),
        )

    def mount(self, task: ecs.FargateTaskDefinition) -> None:
        """Give the task's container the directory at ``DIRECTORY``. At most one task may run."""
        task.add_volume(
            name=_VOLUME,
            efs_volume_configuration=ecs.EfsVolumeConfiguration(
                file_system_id=self.file_system.file_system_id,
                transit_encryption="ENABLED",
                authorization_config=ecs.AuthorizationConfig(
                    access_point_id=self._directory.access_point_id, iam="ENABLED"
                ),
            ),
        )
        container = task.default_container
        assert container is not None  # noqa: S101 -- a task is made with its container
        container.add_mount_points(ecs.MountPoint(container_path=DIRECTORY, source_volume=_VOLUME, read_only=False))
        task.add_to_task_role_policy(
            iam.PolicyStatement(
                actions=["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                resources=[self.file_system.file_system_arn],
                conditions={
                    "StringEquals": {"elasticfilesystem:AccessPointArn": self._directory.access_point_arn},
                },
            )
        )
