"""Analysis: AWS Batch (GPU queue, Fargate CPU queue), the state machine of a job.

One queue cannot mix EC2 and Fargate, so a shard that finds no GPU is caught by the state machine and sent to the CPU
queue. A job that waits in RUNNABLE for ever would never be caught: queues end it after ten minutes.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.assets import Assets
from infra.config import DeploymentConfig
from infra.constructs.environment import service_environment
from infra.constructs.grants import let_read_secrets, let_use_objects
from infra.constructs.images import project_image
from infra.constructs.nag import OBJECTS, REGISTRY_TOKEN, acknowledge, objects_of_blobs
from infra.stacks.data import DataStack
from infra.stacks.network import NetworkStack

ASL = Path(__file__).resolve().parents[1] / "statemachines" / "analysis.asl.json"
_GPU_TYPES = ("g5.xlarge", "g6.xlarge")
_ECS_POLICY = "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]"


def analysis_function_name(config: DeploymentConfig) -> str:
    """Fixed, because the state machine names the function and the function names the state machine."""
    return f"causeway-{config.stage}-analysis"


def stages_function_name(config: DeploymentConfig) -> str:
    """The same code for the state machine's own steps, connected as the service role."""
    return f"causeway-{config.stage}-analysis-stages"


class AnalysisStack(cdk.Stack):
    """Runs the same container entry points as one laptop does."""

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
        self.gpu_queue = self._gpu_queue()
        self.cpu_queue = self._cpu_queue()
        self.log_group = logs.LogGroup(
            self, "JobLogs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=data.key
        )
        self.job_role = self._job_role()
        self.gpu_job = self._gpu_job()
        self.cpu_job = self._cpu_job()
        self.state_machine = self._state_machine()

    @property
    def state_machine_arn(self) -> str:
        return self.state_machine.state_machine_arn

    def let_run(self, role: iam.IRole) -> None:
        """Start, look at and stop executions."""
        executions = self.format_arn(
            service="states",
            resource="execution",
            resource_name=f"{analysis_function_name(self._config)}:*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["states:StartExecution"], resources=[self.state_machine_arn])
        )
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["states:DescribeExecution", "states:StopExecution"], resources=[executions])
        )
        scope = f"arn:<AWS::Partition>:states:{self.region}:<AWS::AccountId>:execution"
        acknowledge(
            role,
            {
                f"IAM5[Resource::{scope}:{analysis_function_name(self._config)}:*]": "Executions have no "
                "names before they start; the statement is scoped to one state machine."
            },
        )

    def _gpu_queue(self) -> batch.JobQueue:
        environments: list[batch.OrderedComputeEnvironment] = []
        for spot in (True, False):
            kind = "Spot" if spot else "OnDemand"
            environment = batch.ManagedEc2EcsComputeEnvironment(
                self, f"Gpu{kind}", vpc=self._network.vpc, vpc_subnets=self._network.private_subnets, spot=spot,
                security_groups=[self._network.batch], use_optimal_instance_classes=False, maxv_cpus=64, minv_cpus=0,
                instance_types=[ec2.InstanceType(name) for name in _GPU_TYPES],
                images=[batch.EcsMachineImage(image_type=batch.EcsMachineImageType.ECS_AL2023_NVIDIA)],
            )  # fmt: skip
            environments.append(
                batch.OrderedComputeEnvironment(compute_environment=environment, order=len(environments))
            )
            acknowledge(environment, {_ECS_POLICY: "Batch's instance profile uses AWS's managed ECS instance policy."})
        return batch.JobQueue(
            self,
            "GpuQueue",
            compute_environments=environments,
            job_state_time_limit_actions=self._give_up_when_starved(),
        )

    def _cpu_queue(self) -> batch.JobQueue:
        environment = batch.FargateComputeEnvironment(
            self, "Fargate", vpc=self._network.vpc, vpc_subnets=self._network.private_subnets, maxv_cpus=64,
            security_groups=[self._network.batch],
        )  # fmt: skip
        ordered = batch.OrderedComputeEnvironment(compute_environment=environment, order=0)
        return batch.JobQueue(
            self, "CpuQueue", compute_environments=[ordered], job_state_time_limit_actions=self._give_up_when_starved()
        )

    def _give_up_when_starved(self) -> list[batch.JobStateTimeLimitAction]:
        reasons = batch.JobStateTimeLimitActionsReason
        return [
            batch.JobStateTimeLimitAction(
                max_time=cdk.Duration.minutes(10),
                reason=reason,
                state=batch.JobStateTimeLimitActionsState.RUNNABLE,
                action=batch.JobStateTimeLimitActionsAction.CANCEL,
            )
            for reason in (
                reasons.INSUFFICIENT_INSTANCE_CAPACITY,
                reasons.COMPUTE_ENVIRONMENT_MAX_RESOURCE,
                reasons.JOB_RESOURCE_REQUIREMENT,
            )
        ]

    def _job_role(self) -> iam.Role:
        role = iam.Role(self, "JobRole", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        let_use_objects(role, self._data.blobs, self._data.key, write=True)
        let_read_secrets(role, [self._data.service_secret, self._data.cache_secret], self._data.key)
        acknowledge(role, {objects_of_blobs(self._data): OBJECTS})
        return role

    def _container(self, platform: ecr_assets.Platform, name: str) -> dict[str, object]:
        packages = {"SET": "gpu"} if name == "GpuImage" else None
        image = project_image(self, name, self._assets, "gpu_batch", platform, packages)
        return {
            "image": ecs.ContainerImage.from_docker_image_asset(image),
            "environment": service_environment(self._data, self._config),
            "job_role": self.job_role,
            "logging": ecs.LogDriver.aws_logs(stream_prefix="shard", log_group=self.log_group),
            "readonly_root_filesystem": False,  # numba keeps compiled kernels beside the code
        }

    def _gpu_job(self) -> batch.EcsJobDefinition:
        container = batch.EcsEc2ContainerDefinition(
            self, "GpuContainer", cpu=4, memory=cdk.Size.gibibytes(14), gpu=1,
            **self._container(ecr_assets.Platform.LINUX_AMD64, "GpuImage"),  # type: ignore[arg-type]  # jsii keywords
        )  # fmt: skip
        return self._definition("GpuShard", container)

    def _cpu_job(self) -> batch.EcsJobDefinition:
        container = batch.EcsFargateContainerDefinition(
            self, "CpuContainer", cpu=4, memory=cdk.Size.gibibytes(16),
            fargate_cpu_architecture=ecs.CpuArchitecture.X86_64,
            fargate_operating_system_family=ecs.OperatingSystemFamily.LINUX,
            **self._container(ecr_assets.Platform.LINUX_AMD64, "CpuImage"),  # type: ignore[arg-type]  # jsii keywords
        )  # fmt: skip
        return self._definition("CpuShard", container)

    def _definition(self, name: str, container: batch.IEcsContainerDefinition) -> batch.EcsJobDefinition:
        acknowledge(container, {"IAM5[Resource::*]": REGISTRY_TOKEN})
        return batch.EcsJobDefinition(
            self, name, container=container, retry_attempts=2, timeout=cdk.Duration.hours(6), propagate_tags=True
        )

    def _state_machine(self) -> sfn.StateMachine:
        function_arn = self.format_arn(
            service="lambda",
            resource="function",
            resource_name=f"{stages_function_name(self._config)}:live",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        log_group = logs.LogGroup(
            self, "StateMachineLogs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=self._data.key
        )
        machine = sfn.StateMachine(
            self,
            "Analysis",
            state_machine_name=analysis_function_name(self._config),
            definition_body=sfn.DefinitionBody.from_string(ASL.read_text(encoding="utf-8")),
            definition_substitutions={
                "AnalysisFunctionArn": function_arn,
                "GpuQueueArn": self.gpu_queue.job_queue_arn,
                "CpuQueueArn": self.cpu_queue.job_queue_arn,
                "GpuJobDefinitionArn": self.gpu_job.job_definition_arn,
                "CpuJobDefinitionArn": self.cpu_job.job_definition_arn,
            },
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=False),
            tracing_enabled=True,
            timeout=cdk.Duration.hours(12),
        )
        self._let_machine_work(machine, function_arn)
        return machine

    def _let_machine_work(self, machine: sfn.StateMachine, function_arn: str) -> None:
        """Invoke the function, run Batch jobs and wait for them (Step Functions' own EventBridge rule)."""
        jobs = [
            self.gpu_queue.job_queue_arn,
            self.cpu_queue.job_queue_arn,
            self.gpu_job.job_definition_arn,
            self.cpu_job.job_definition_arn,
        ]
        rule = self.format_arn(
            service="events", resource="rule", resource_name="StepFunctionsGetEventsForBatchJobsRule"
        )
        for actions, scope in (
            (["lambda:InvokeFunction"], [function_arn]),
            (["batch:SubmitJob"], jobs),
            (["batch:DescribeJobs", "batch:TerminateJob"], ["*"]),
            (["events:PutTargets", "events:PutRule", "events:DescribeRule"], [rule]),
        ):
            machine.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=scope))
        acknowledge(
            machine,
            {"IAM5[Resource::*]": "A Batch job has no ARN before it is submitted, and no tag to scope by."},
        )
