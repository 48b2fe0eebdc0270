"""A fetch handed to AWS Batch, as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import boto3
import pytest
from moto import mock_aws

from causeway.adapters.compute.batch_fetches import BatchFetches
from causeway.errors import Unavailable

FETCH = UUID("0b7c1f2e-1111-4222-8333-444455556666")


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(config={"batch": {"use_docker": False}}):
        yield boto3.client("batch")


@pytest.fixture
def fetches(batch: Any) -> BatchFetches:
    role = boto3.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    ec2 = boto3.client("ec2")
    subnets, groups = ec2.describe_subnets()["Subnets"], ec2.describe_security_groups()["SecurityGroups"]
    environment = batch.create_compute_environment(
        computeEnvironmentName="fargate", type="MANAGED", state="ENABLED", serviceRole=role,
        computeResources={"type": "FARGATE", "maxvCpus": 4, "subnets": [subnets[0]["SubnetId"]],
                          "securityGroupIds": [groups[0]["GroupId"]]},
    )  # fmt: skip
    queue = batch.create_job_queue(
        jobQueueName="cpu", state="ENABLED", priority=1,
        computeEnvironmentOrder=[{"order": 0, "computeEnvironment": environment["computeEnvironmentArn"]}],
    )  # fmt: skip
    definition = batch.register_job_definition(
        jobDefinitionName="fetch", type="container", platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "ingest", "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        },
    )  # fmt: skip
    return BatchFetches(queue["jobQueueArn"], definition["jobDefinitionArn"])


def test_the_container_is_told_which_fetch(batch: Any, fetches: BatchFetches) -> None:
    fetches.submit(FETCH)
    (summary,) = [
        one
        for status in ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED")
        for one in batch.list_jobs(jobQueue="cpu", jobStatus=status)["jobSummaryList"]
    ]
    (job,) = batch.describe_jobs(jobs=[summary["jobId"]])["jobs"]
    assert job["jobName"] == f"fetch-{FETCH}"
    assert job["container"]["command"] == ["containers.ingest.main", "fetch", str(FETCH)]


@pytest.mark.usefixtures("batch")
def test_a_queue_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="could not be started"):
        BatchFetches("nowhere", "fetch").submit(FETCH)
