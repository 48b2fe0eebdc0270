"""The deployment, synthesised offline. cdk-nag runs inside the synthesis: a finding without a reason fails it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from causeway.errors import InvalidInput, NotFound
from causeway.pipelines.schedules import chosen, load_schedules
from containers.stream.metrics import NAMESPACE
from infra.assets import ROOT, Assets
from infra.config import DeploymentConfig
from tests.infra.conftest import load

STACKS = {"Network", "Data", "Api", "Analysis", "Realtime", "Edge", "Observability", "Ingest"}


def resources(path: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Properties of every resource of a kind."""
    found = load(path)["Resources"]
    return {name: item["Properties"] for name, item in found.items() if item["Type"] == kind}


def test_the_eight_stacks_are_there(templates: dict[str, Path]) -> None:
    assert set(templates) == STACKS


def test_cfn_lint_finds_nothing(templates: dict[str, Path]) -> None:
    # W3005: the CDK writes a DependsOn beside the reference that already implies it.
    program = Path(sys.executable).with_name("cfn-lint")
    command = [str(program), "--ignore-checks", "W3005", "--", *map(str, templates.values())]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_state_is_encrypted_and_not_public(templates: dict[str, Path]) -> None:
    (cluster,) = resources(templates["Data"], "AWS::RDS::DBCluster").values()
    assert cluster["StorageEncrypted"] is True
    assert cluster["ManageMasterUserPassword"] is True
    for stack in templates.values():
        for bucket in resources(stack, "AWS::S3::Bucket").values():
            assert bucket["PublicAccessBlockConfiguration"] == {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            }


def test_the_gateway_and_the_feed_never_run_twice(templates: dict[str, Path]) -> None:
    services = resources(templates["Realtime"], "AWS::ECS::Service")
    for name in ("Gateway", "Feed"):
        (service,) = [found for key, found in services.items() if key.startswith(name)]
        limits = service["DeploymentConfiguration"]
        assert (limits["MinimumHealthyPercent"], limits["MaximumPercent"]) == (0, 100)
        assert service["DesiredCount"] == 1


def test_functions_run_on_arm64_and_only_auth_can_sign(templates: dict[str, Path]) -> None:
    functions = resources(templates["Api"], "AWS::Lambda::Function")
    signers = [
        found["Handler"]
        for found in functions.values()
        if "CAUSEWAY_JWT_PRIVATE_KEY" in found["Environment"]["Variables"]
    ]
    assert signers == ["functions.auth.handler.handler"]
    assert all(found["Architectures"] == ["arm64"] for found in functions.values())


def test_the_state_machine_calls_a_function_that_sees_every_users_jobs(templates: dict[str, Path]) -> None:
    functions = resources(templates["Api"], "AWS::Lambda::Function").values()
    (stages,) = [found for found in functions if str(found.get("FunctionName", "")).endswith("-analysis-stages")]
    assert "causeway_service_login" in json.dumps(stages["Environment"]["Variables"]["CAUSEWAY_DATABASE_URL"])
    (machine,) = resources(templates["Analysis"], "AWS::StepFunctions::StateMachine").values()
    assert "-analysis-stages:live" in json.dumps(machine["DefinitionSubstitutions"]["AnalysisFunctionArn"])


def test_a_dead_execution_ends_its_job(templates: dict[str, Path]) -> None:
    (rule,) = resources(templates["Api"], "AWS::Events::Rule").values()
    assert rule["EventPattern"]["detail"]["status"] == ["TIMED_OUT", "ABORTED"]
    (target,) = rule["Targets"]
    assert '"stage":"failed"' in target["InputTransformer"]["InputTemplate"]


def test_every_schedule_is_deployed_on_its_exchanges_clock_and_runs_only_where_asked(
    templates: dict[str, Path],
) -> None:
    made = resources(templates["Ingest"], "AWS::Scheduler::Schedule").values()
    inputs = [(json.loads(one["Target"]["Input"]), one) for one in made]
    (resuming,) = [one for asked, one in inputs if asked == {"resume": True}]
    assert resuming["ScheduleExpression"] in ("rate(30 minutes)", "rate(6 hours)")
    assert resuming["State"] == "ENABLED"
    found = {asked["schedule"]: one for asked, one in inputs if "schedule" in asked}
    assert set(found) == {one.name for one in load_schedules()}
    daily = found["us-daily"]
    assert (daily["ScheduleExpression"], daily["ScheduleExpressionTimezone"]) == (
        "cron(30 18 ? * MON-FRI *)", "America/New_York",
    )  # fmt: skip
    assert {one["State"] for one in found.values()} == {"DISABLED"}
    with_one = DeploymentConfig(domain_name="a.example.com", certificate_arn="arn", schedules="us-daily")
    assert [one.name for one in chosen(load_schedules(), with_one.schedules)] == ["us-daily"]


def test_the_planner_may_submit_fetches_and_start_nothing_else(templates: dict[str, Path]) -> None:
    policies = resources(templates["Ingest"], "AWS::IAM::Policy")
    (planner,) = [found for name, found in policies.items() if name.startswith("PlannerRole")]
    actions = [one["Action"] for one in planner["PolicyDocument"]["Statement"]]
    flat = {name for one in actions for name in ([one] if isinstance(one, str) else one)}
    assert {one for one in flat if not one.startswith("ec2:")} == {
        "batch:SubmitJob", "secretsmanager:GetSecretValue", "kms:Decrypt",
    }  # fmt: skip
    submit = next(one for one in planner["PolicyDocument"]["Statement"] if one["Action"] == "batch:SubmitJob")
    assert "*" not in json.dumps(submit["Resource"])


def test_the_container_of_fetches_gets_a_whole_core_and_tries_again(templates: dict[str, Path]) -> None:
    (job,) = resources(templates["Ingest"], "AWS::Batch::JobDefinition").values()
    assert job["RetryStrategy"] == {"Attempts": 3}
    needs = {one["Type"]: one["Value"] for one in job["ContainerProperties"]["ResourceRequirements"]}
    assert needs == {"VCPU": "1", "MEMORY": "2048"}


def test_every_http_area_has_a_route(templates: dict[str, Path]) -> None:
    routes = {
        found["RouteKey"].split()[1] for found in resources(templates["Api"], "AWS::ApiGatewayV2::Route").values()
    }
    areas = ("auth", "data", "analysis", "orders", "portfolio", "alerts")
    assert routes == {f"/v1/{area}{rest}" for area in areas for rest in ("", "/{proxy+}")}


def test_a_starved_job_is_ended_so_that_the_fallback_can_start(templates: dict[str, Path]) -> None:
    for queue in resources(templates["Analysis"], "AWS::Batch::JobQueue").values():
        actions = queue["JobStateTimeLimitActions"]
        assert {action["State"] for action in actions} == {"RUNNABLE"}
        assert all(action["MaxTimeSeconds"] <= 600 for action in actions)


def test_no_secret_stands_in_a_function_or_container(templates: dict[str, Path]) -> None:
    for stack in ("Api", "Analysis", "Realtime"):
        assert "{{resolve:secretsmanager" not in templates[stack].read_text()


def test_a_deployment_needs_a_domain_and_us_east_1() -> None:
    with pytest.raises(InvalidInput, match="domainName"):
        DeploymentConfig()
    named = {"domain_name": "trade.example.com", "certificate_arn": "arn:aws:acm:us-east-1:1:certificate/x"}
    with pytest.raises(InvalidInput, match="us-east-1"):
        DeploymentConfig(region="eu-west-1", **named)
    with pytest.raises(InvalidInput, match="stage"):
        DeploymentConfig(stage="staging", **named)


def test_assets_that_are_not_built_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("infra.assets.ROOT", tmp_path)
    with pytest.raises(NotFound, match="scripts/build-layers"):
        Assets.built()


def _container(template: Path, kind: str, name: str) -> dict[str, Any]:
    (task,) = [found for key, found in resources(template, kind).items() if key.startswith(name)]
    (container,) = task["ContainerDefinitions"]
    return {**task, **container, "values": {one["Name"]: one["Value"] for one in container["Environment"]}}


def test_the_feed_keeps_its_spool_on_a_disk_that_outlives_the_task(templates: dict[str, Path]) -> None:
    feed = _container(templates["Realtime"], "AWS::ECS::TaskDefinition", "FeedTask")
    (mount,) = feed["MountPoints"]
    assert (mount["ContainerPath"], mount["ReadOnly"]) == (feed["values"]["CAUSEWAY_SPOOL_DIR"], False)
    (volume,) = feed["Volumes"]
    disk = volume["EFSVolumeConfiguration"]
    assert (volume["Name"], disk["TransitEncryption"], disk["AuthorizationConfig"]["IAM"]) == (
        mount["SourceVolume"], "ENABLED", "ENABLED",
    )  # fmt: skip
    (files,) = resources(templates["Realtime"], "AWS::EFS::FileSystem").values()
    assert files["Encrypted"] is True
    (directory,) = resources(templates["Realtime"], "AWS::EFS::AccessPoint").values()
    user = (ROOT / "containers/stream/Dockerfile").read_text()
    assert f"USER {directory['PosixUser']['Uid']}:{directory['PosixUser']['Gid']}" in user
    others = resources(templates["Realtime"], "AWS::ECS::TaskDefinition")
    assert [name for name, task in others.items() if task.get("Volumes")] == [
        name for name in others if name.startswith("FeedTask")
    ]


def test_only_the_stream_reaches_the_spools_disk(templates: dict[str, Path]) -> None:
    rules = resources(templates["Network"], "AWS::EC2::SecurityGroupIngress").values()
    to_disk = [rule for rule in rules if rule["FromPort"] == 2049]
    assert len(to_disk) == 1
    assert "Stream" in json.dumps(to_disk[0]["SourceSecurityGroupId"])


def test_who_fetches_or_streams_reads_the_providers_keys_and_nobody_else(templates: dict[str, Path]) -> None:
    keys = {"CAUSEWAY_ALPACA_KEY_ID", "CAUSEWAY_ALPACA_SECRET_KEY", "CAUSEWAY_ALPHAVANTAGE_KEY"}
    feed = _container(templates["Realtime"], "AWS::ECS::TaskDefinition", "FeedTask")
    (job,) = resources(templates["Ingest"], "AWS::Batch::JobDefinition").values()
    fetch = {one["Name"]: one["Value"] for one in job["ContainerProperties"]["Environment"]}
    for values in (feed["values"], fetch):
        assert keys <= values.keys()
        assert all("secretsmanager:" in json.dumps(values[name]) for name in keys)
        assert values["CAUSEWAY_FEEDS"] == "yahoo"
    for name in ("StreamTask", "GatewayTask"):
        others = _container(templates["Realtime"], "AWS::ECS::TaskDefinition", name)
        assert not keys & others["values"].keys()
    allowed = [
        name
        for stack in ("Realtime", "Ingest", "Api", "Analysis")
        for name, policy in resources(templates[stack], "AWS::IAM::Policy").items()
        if "Providers" in json.dumps(policy)
    ]
    assert sorted(name.rstrip("0123456789ABCDEF") for name in allowed) == [
        "FeedTaskTaskRoleDefaultPolicy", "JobRoleDefaultPolicy",
    ]  # fmt: skip


def test_series_are_read_from_the_reader_where_there_is_one(templates: dict[str, Path]) -> None:
    has_reader = len(resources(templates["Data"], "AWS::RDS::DBInstance")) == 2
    functions = resources(templates["Api"], "AWS::Lambda::Function").values()
    (data,) = [found for found in functions if found["Handler"] == "functions.data.handler.handler"]
    (job,) = resources(templates["Ingest"], "AWS::Batch::JobDefinition").values()
    fetch = {one["Name"]: one["Value"] for one in job["ContainerProperties"]["Environment"]}
    for values in (data["Environment"]["Variables"], fetch):
        replica = json.dumps(values.get("CAUSEWAY_DATABASE_REPLICA_URL", ""))
        assert ("ReadEndpoint" in replica) is has_reader


def test_only_a_provider_that_a_deployment_can_have_streams() -> None:
    named = {"domain_name": "trade.example.com", "certificate_arn": "arn:aws:acm:us-east-1:1:certificate/x"}
    assert DeploymentConfig(live_feed="alpaca", **named).live_feed == "alpaca"
    with pytest.raises(InvalidInput, match="liveFeed must be alpaca or empty"):
        DeploymentConfig(live_feed="iqfeed", **named)


def test_what_the_feed_counts_is_measured_and_what_is_lost_pages_somebody(templates: dict[str, Path]) -> None:
    feed = _container(templates["Realtime"], "AWS::ECS::TaskDefinition", "FeedTask")
    assert feed["values"]["CAUSEWAY_LOG_METRICS"] == "true"
    alarms = resources(templates["Observability"], "AWS::CloudWatch::Alarm").values()
    names = {found["MetricName"] for found in alarms if found.get("Namespace") == NAMESPACE}
    assert {"spool_full", "dropped_quotes", "spool_bars_bytes", "sink_spool_bytes"} <= names
