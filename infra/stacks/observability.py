"""Observability: what pages a person, and one dashboard. CloudWatch only."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.config import DeploymentConfig
from infra.stacks.analysis import AnalysisStack
from infra.stacks.api import ApiStack
from infra.stacks.data import DataStack
from infra.stacks.realtime import RealtimeStack

FEED_NAMESPACE = "Causeway/Feed"
_MISSING = cloudwatch.TreatMissingData
_MINUTE = cdk.Duration.minutes(1)
# Counters of the live feed (docs/operations/streaming.md): name, what is too much in a minute, what it means.
_FEED_ALARMS = (
    ("spool_full", 1, "the disk of the live feed is full: bars are lost"),
    ("dropped_quotes", 1, "the disk of the live feed is full: old quotes are dropped"),
    ("backfill_given_up", 1, "minutes of a gap were not fetched"),
    ("spool_bars_bytes", 256 << 20, "the database has not taken live bars for long"),
    ("sink_spool_bytes", 256 << 20, "Kafka has not taken messages for long"),
)
_FEED_GRAPH = ("quotes", "trades", "published", "conflated", "stored_bars", "sink_delivered")


def _feed_metric(name: str) -> cloudwatch.Metric:
    statistic = "Maximum" if name.endswith("_bytes") else "Sum"
    return cloudwatch.Metric(namespace=FEED_NAMESPACE, metric_name=name, statistic=statistic, period=_MINUTE)


class ObservabilityStack(cdk.Stack):
    """An alarm for each way in which money is at risk or users are stopped."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        env: cdk.Environment,
        config: DeploymentConfig,
        api: ApiStack,
        analysis: AnalysisStack,
        realtime: RealtimeStack,
        data: DataStack,
    ) -> None:
        super().__init__(scope, name, env=env)
        self.topic = sns.Topic(self, "Alarms", master_key=data.key, enforce_ssl=True)
        if config.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(config.alarm_email))
        for area, function in api.functions.items():
            self._alarm(
                f"{area.capitalize()}Errors", function.alias.metric_errors(period=_MINUTE), 5, f"/v1/{area} fails"
            )
        self._alarm(
            "FailedAnalyses",
            analysis.state_machine.metric_failed(period=cdk.Duration.minutes(5)),
            1,
            "an analysis failed",
        )
        self._alarm_when_absent("GatewayGone", realtime.gateway, "orders are not being sent")
        self._alarm_when_absent("FeedGone", realtime.feed, "market data does not move")
        for counter, threshold, description in _FEED_ALARMS:
            self._alarm(f"Feed-{counter}", _feed_metric(counter), threshold, description)
        self._alarm("DatabaseBusy", self._database_cpu(data), 85, "the database is saturated", periods=5)
        self._dashboard(api, data)

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, threshold: float, description: str, *, periods: int = 1
    ) -> None:
        alarm = cloudwatch.Alarm(
            self, name, metric=metric, threshold=threshold, evaluation_periods=periods, alarm_description=description,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=_MISSING.NOT_BREACHING,
        )  # fmt: skip
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _alarm_when_absent(self, name: str, service: ecs.FargateService, description: str) -> None:
        metric = cloudwatch.Metric(
            namespace="ECS/ContainerInsights", metric_name="RunningTaskCount", statistic="Minimum", period=_MINUTE,
            dimensions_map={"ClusterName": service.cluster.cluster_name, "ServiceName": service.service_name},
        )  # fmt: skip
        alarm = cloudwatch.Alarm(
            self, name, metric=metric, threshold=1, evaluation_periods=2, alarm_description=description,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=_MISSING.BREACHING,
        )  # fmt: skip
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _database_cpu(self, data: DataStack) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/RDS", metric_name="CPUUtilization", statistic="Average", period=_MINUTE,
            dimensions_map={"DBClusterIdentifier": data.cluster.ref},
        )  # fmt: skip

    def _dashboard(self, api: ApiStack, data: DataStack) -> None:
        dashboard = cloudwatch.Dashboard(self, "Dashboard")
        functions = [function.alias for function in api.functions.values()]
        dashboard.add_widgets(
            cloudwatch.GraphWidget(title="Errors", left=[alias.metric_errors(period=_MINUTE) for alias in functions]),
            cloudwatch.GraphWidget(
                title="Duration p95",
                left=[alias.metric_duration(period=_MINUTE, statistic="p95") for alias in functions],
            ),
            cloudwatch.GraphWidget(title="Database CPU", left=[self._database_cpu(data)]),
            cloudwatch.GraphWidget(title="Live feed", left=[_feed_metric(name) for name in _FEED_GRAPH]),
        )
