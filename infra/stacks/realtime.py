"""Realtime: ECS services that hold connections: the stream behind an internal load balancer, the broker gateway."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.assets import Assets
from infra.config import DeploymentConfig
from infra.constructs.environment import provider_environment, service_environment
from infra.constructs.grants import let_read_secrets, let_use_objects
from infra.constructs.images import project_image
from infra.constructs.nag import OBJECTS, REGISTRY_TOKEN, acknowledge, objects_of_blobs
from infra.constructs.spool import DIRECTORY as SPOOL_DIRECTORY
from infra.constructs.spool import SpoolVolume
from infra.stacks.data import DataStack
from infra.stacks.network import NetworkStack

STREAM_PORT = 8081


class RealtimeStack(cdk.Stack):
    """``stream`` scales with clients; ``broker_gateway`` never runs twice (minimum 0 %, maximum 100 %)."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        env: cdk.Environment,
        config: DeploymentConfig,
        network: NetworkStack,
        data: DataStack,
        assets: Assets,
    ) -> None:
        super().__init__(scope, name, env=env)
        self._config, self._network, self._data, self._assets = config, network, data, assets
        self.cluster = ecs.Cluster(
            self, "Cluster", vpc=network.vpc, container_insights_v2=ecs.ContainerInsights.ENABLED
        )
        self.load_balancer = elb.ApplicationLoadBalancer(
            self, "Internal", vpc=network.vpc, internet_facing=False, security_group=network.load_balancer,
            vpc_subnets=network.private_subnets, drop_invalid_header_fields=True,
        )  # fmt: skip
        self.load_balancer.log_access_logs(data.access_logs, "load-balancer")
        self.stream = self._stream_service()
        self.feed = self._feed_service()
        self.gateway = self._worker_service("Gateway", self._task("Gateway", "broker_gateway", {}), network.gateway)
        acknowledge(
            self.load_balancer,
            {"ELB2": "Access logs are on; the rule cannot read the attribute when the bucket is in another stack."},
        )

    def _stream_service(self) -> ecs.FargateService:
        environment = {
            "CAUSEWAY_STREAM_ROLE": "server",
            "CAUSEWAY_STREAM_HOST": "0.0.0.0",  # noqa: S104 -- inside its own network namespace, behind the balancer
            "CAUSEWAY_STREAM_PORT": str(STREAM_PORT),
            "CAUSEWAY_JWT_PUBLIC_KEY": f"{{secretsmanager:{self._data.signing_secret.secret_arn}#public_key}}",
            "CAUSEWAY_PUBLIC_ORIGIN": f"https://{self._config.domain_name}",
        }
        task = self._task("Stream", "stream", environment, port=STREAM_PORT)
        service = ecs.FargateService(
            self, "StreamService", cluster=self.cluster, task_definition=task, desired_count=1,
            security_groups=[self._network.stream], vpc_subnets=self._network.private_subnets,
            min_healthy_percent=100, max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
        )  # fmt: skip
        listener = self.load_balancer.add_listener("Http", port=80, open=False, protocol=elb.ApplicationProtocol.HTTP)
        listener.add_targets(
            "StreamTargets", port=STREAM_PORT, protocol=elb.ApplicationProtocol.HTTP, targets=[service],
            health_check=elb.HealthCheck(path="/health"), deregistration_delay=cdk.Duration.seconds(30),
        )  # fmt: skip
        self._network.load_balancer.node.add_dependency(self._network.vpc)
        scaling = service.auto_scale_task_count(min_capacity=1, max_capacity=8)
        scaling.scale_on_cpu_utilization("Cpu", target_utilization_percent=60)
        return service

    def _feed_service(self) -> ecs.FargateService:
        """The feed, with a disk for what the database has not taken yet."""
        environment = provider_environment(self._data, self._config) | {
            "CAUSEWAY_STREAM_ROLE": "feed",
            "CAUSEWAY_LIVE_FEED": self._config.live_feed,
            "CAUSEWAY_SPOOL_DIR": SPOOL_DIRECTORY,
            "CAUSEWAY_LOG_METRICS": "true",
        }
        task = self._task("Feed", "stream", environment)
        let_read_secrets(task.task_role, [self._data.provider_secret], self._data.key)
        spool = SpoolVolume(self, "Spool", config=self._config, network=self._network, data=self._data)
        spool.mount(task)
        service = self._worker_service("Feed", task, self._network.stream)
        service.node.add_dependency(spool.file_system.mount_targets_available)
        return service

    def _worker_service(
        self, name: str, task: ecs.FargateTaskDefinition, group: ec2.ISecurityGroup
    ) -> ecs.FargateService:
        """One process that must not run twice."""
        return ecs.FargateService(
            self, f"{name}Service", cluster=self.cluster, task_definition=task,
            desired_count=1, security_groups=[group], vpc_subnets=self._network.private_subnets,
            min_healthy_percent=0, max_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
        )  # fmt: skip

    def _task(
        self, name: str, container: str, environment: dict[str, str], *, port: int | None = None
    ) -> ecs.FargateTaskDefinition:
        task = ecs.FargateTaskDefinition(
            self, f"{name}Task", cpu=512, memory_limit_mib=1024,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.ARM64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
        )  # fmt: skip
        image = project_image(self, f"{name}Image", self._assets, container, ecr_assets.Platform.LINUX_ARM64)
        log_group = logs.LogGroup(
            self, f"{name}Logs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=self._data.key
        )
        task.add_container(
            name,
            image=ecs.ContainerImage.from_docker_image_asset(image),
            environment=service_environment(self._data, self._config) | environment,
            logging=ecs.LogDrivers.aws_logs(stream_prefix=container, log_group=log_group),
            port_mappings=[ecs.PortMapping(container_port=port)] if port else None,
            readonly_root_filesystem=True,
            stop_timeout=cdk.Duration.seconds(60),
        )
        secrets = [self._data.service_secret, self._data.cache_secret, self._data.signing_secret]
        let_read_secrets(task.task_role, secrets, self._data.key)
        let_use_objects(task.task_role, self._data.blobs, self._data.key, write=False)
        acknowledge(
            task,
            {
                "ECS2": "The environment names secrets by ARN and holds no secret.",
                "IAM5[Resource::*]": REGISTRY_TOKEN,
                objects_of_blobs(self._data): OBJECTS,
            },
        )
        return task
