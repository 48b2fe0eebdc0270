"""Ingest: schedules that ask for bars, the function that plans, the container that fetches.

EventBridge Scheduler → ``functions/ingest`` (calendar check, queue) → AWS Batch on Fargate (``containers/ingest``).
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from causeway.pipelines.schedules import Schedule, chosen, load_schedules
from infra.assets import Assets
from infra.config import DeploymentConfig
from infra.constructs.environment import database_url, provider_environment, service_environment
from infra.constructs.grants import let_read_secrets
from infra.constructs.http_function import ProjectFunction
from infra.constructs.images import project_image
from infra.constructs.layers import project_layers
from infra.constructs.nag import REGISTRY_TOKEN, acknowledge
from infra.stacks.analysis import AnalysisStack
from infra.stacks.data import DataStack
from infra.stacks.network import NetworkStack

_RESUME_EVERY = cdk.Duration.minutes(30)
_RESUME_OTHERWISE = cdk.Duration.hours(6)  # outside production the database pauses when nobody asks it anything


class IngestStack(cdk.Stack):
    """A fetch is started by a schedule, or by a user through the data function (``let_start``)."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        env: cdk.Environment,
        config: DeploymentConfig,
        network: NetworkStack,
        data: DataStack,
        analysis: AnalysisStack,
        assets: Assets,
    ) -> None:
        super().__init__(scope, name, env=env)
        self._config, self._network, self._data, self._assets = config, network, data, assets
        self._queue = analysis.cpu_queue
        self.job = self._job()
        self.planner = self._planner()
        self.let_start(self.planner)
        wanted = chosen(load_schedules(), config.schedules)
        self._resume_schedule()
        self.schedules = [self._schedule(one, runs=one in wanted) for one in load_schedules()]

    def let_start(self, function: ProjectFunction) -> None:
        """Allow a function to submit fetches, and tell it where."""
        queue, job = self._queue.job_queue_arn, self.job.job_definition_arn
        function.role.add_to_policy(iam.PolicyStatement(actions=["batch:SubmitJob"], resources=[queue, job]))
        for name, value in (("FETCHES", "batch"), ("FETCH_JOB_QUEUE", queue), ("FETCH_JOB_DEFINITION", job)):
            function.function.add_environment(f"CAUSEWAY_{name}", value)

    def _job(self) -> batch.EcsJobDefinition:
        role = iam.Role(self, "JobRole", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        secrets = [self._data.service_secret, self._data.cache_secret, self._data.provider_secret]
        let_read_secrets(role, secrets, self._data.key)
        log_group = logs.LogGroup(
            self, "FetchLogs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=self._data.key
        )
        image = project_image(self, "Image", self._assets, "ingest", ecr_assets.Platform.LINUX_AMD64)
        container = batch.EcsFargateContainerDefinition(
            self, "Container", cpu=1, memory=cdk.Size.gibibytes(2), job_role=role,
            image=ecs.ContainerImage.from_docker_image_asset(image),
            environment=service_environment(self._data, self._config)
            | provider_environment(self._data, self._config),
            logging=ecs.LogDriver.aws_logs(stream_prefix="fetch", log_group=log_group),
            fargate_cpu_architecture=ecs.CpuArchitecture.X86_64,
            fargate_operating_system_family=ecs.OperatingSystemFamily.LINUX,
            readonly_root_filesystem=False,  # yfinance keeps time zones in a small file
        )  # fmt: skip
        acknowledge(container, {"IAM5[Resource::*]": REGISTRY_TOKEN})
        return batch.EcsJobDefinition(
            self, "Fetch", container=container, retry_attempts=3, timeout=cdk.Duration.hours(12), propagate_tags=True
        )

    def _planner(self) -> ProjectFunction:
        data = self._data
        url = database_url(data, data.service_secret.secret_arn, "causeway_service_login")
        return ProjectFunction(
            self,
            "Planner",
            function_name="ingest",
            assets=self._assets,
            network=self._network,
            layers=project_layers(self, self._assets),
            environment={
                "CAUSEWAY_DATABASE_URL": url,
                "CAUSEWAY_LOG_LEVEL": "INFO" if self._config.is_prod else "DEBUG",
            },
            key=data.key,
            secrets=[data.service_secret],
            timeout_s=60,
        )

    def _resume_schedule(self) -> None:
        """Takes up fetches that rested until a provider's plan allows more."""
        scheduler.Schedule(
            self,
            "Resume",
            schedule=scheduler.ScheduleExpression.rate(_RESUME_EVERY if self._config.is_prod else _RESUME_OTHERWISE),
            target=targets.LambdaInvoke(
                self.planner.alias, input=scheduler.ScheduleTargetInput.from_object({"resume": True}), retry_attempts=0
            ),
            description="Fetches whose wait for a provider is over",
        )

    def _schedule(self, schedule: Schedule, *, runs: bool) -> scheduler.Schedule:
        return scheduler.Schedule(
            self,
            f"Schedule-{schedule.name}",
            schedule=scheduler.ScheduleExpression.expression(schedule.cron(), cdk.TimeZone.of(schedule.time_zone)),
            target=targets.LambdaInvoke(
                self.planner.alias,
                input=scheduler.ScheduleTargetInput.from_object({"schedule": schedule.name}),
                retry_attempts=10,
                max_event_age=cdk.Duration.hours(2),
            ),
            enabled=runs,
            description=f"Bars of {schedule.bar_size.value} after each session of {schedule.calendar}",
        )
