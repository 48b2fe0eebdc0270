"""Api: Lambda functions behind an HTTP API. CloudFront is the only caller: it adds a secret header."""

from __future__ import annotations

import json

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.assets import Assets
from infra.config import DeploymentConfig
from infra.constructs.environment import database_url, function_environment
from infra.constructs.grants import let_read_secrets, let_use_objects
from infra.constructs.http_function import ProjectFunction
from infra.constructs.layers import project_layers
from infra.constructs.nag import OBJECTS, acknowledge, objects_of_blobs
from infra.stacks.analysis import AnalysisStack, analysis_function_name, stages_function_name
from infra.stacks.data import DataStack
from infra.stacks.ingest import IngestStack
from infra.stacks.network import NetworkStack

_ACCESS_LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "ip": "$context.identity.sourceIp",
        "route": "$context.routeKey",
        "path": "$context.path",
        "status": "$context.status",
        "latencyMs": "$context.responseLatency",
        "error": "$context.integrationErrorMessage",
    }
)
HTTP_FUNCTIONS = ("auth", "data", "analysis", "orders", "portfolio", "alerts")
_METHODS = [
    apigateway.HttpMethod.GET,
    apigateway.HttpMethod.POST,
    apigateway.HttpMethod.PUT,
    apigateway.HttpMethod.PATCH,
    apigateway.HttpMethod.DELETE,
]


class ApiStack(cdk.Stack):
    """One function per area under /v1/<area>, and the migrate function that a deployment invokes."""

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
        ingest: IngestStack,
        assets: Assets,
    ) -> None:
        super().__init__(scope, name, env=env)
        self._config, self._network, self._data, self._assets = config, network, data, assets
        self.origin_secret = data.origin_secret
        self._layers = project_layers(self, assets)
        common = function_environment(data, config, f"https://{config.domain_name}")
        self.functions = {area: self._http_function(area, common) for area in HTTP_FUNCTIONS}
        self._let_auth_sign()
        self._let_analysis_run(analysis)
        ingest.let_start(self.functions["data"])
        self.stages = self._stages(common)
        self._end_jobs_of_dead_executions(analysis)
        self.migrate = self._migrate(config)
        self.api = self._http_api()

    def _http_function(self, area: str, environment: dict[str, str]) -> ProjectFunction:
        data = self._data
        secrets = [data.app_secret, data.cache_secret, data.signing_secret, data.origin_secret]
        return ProjectFunction(
            self,
            area.capitalize(),
            function_name=area,
            assets=self._assets,
            network=self._network,
            layers=self._layers,
            environment=environment,
            key=data.key,
            secrets=secrets,
            fixed_name=analysis_function_name(self._config) if area == "analysis" else None,
        )

    def _let_auth_sign(self) -> None:
        """Sign-in happens before a user is known, so auth connects as the service role; only it holds the key."""
        auth, data = self.functions["auth"], self._data
        let_read_secrets(auth.role, [data.service_secret], data.key)
        auth.function.add_environment(
            "CAUSEWAY_DATABASE_URL", database_url(data, data.service_secret.secret_arn, "causeway_service_login")
        )
        auth.function.add_environment(
            "CAUSEWAY_JWT_PRIVATE_KEY", f"{{secretsmanager:{data.signing_secret.secret_arn}#private_key}}"
        )

    def _let_analysis_run(self, analysis: AnalysisStack) -> None:
        """Submitting a job starts an execution; cancelling stops it. Results are read from the bucket."""
        function = self.functions["analysis"]
        function.function.add_environment("CAUSEWAY_JOBS", "step_functions")
        function.function.add_environment("CAUSEWAY_STATE_MACHINE_ARN", analysis.state_machine_arn)
        analysis.let_run(function.role)
        let_use_objects(function.role, self._data.blobs, self._data.key, write=True)
        acknowledge(function.role, {objects_of_blobs(self._data): OBJECTS})

    def _stages(self, environment: dict[str, str]) -> ProjectFunction:
        """The state machine's own steps: no user is signed in there, so they connect as the service role."""
        data = self._data
        url = database_url(data, data.service_secret.secret_arn, "causeway_service_login")
        return ProjectFunction(
            self,
            "AnalysisStages",
            function_name="analysis",
            assets=self._assets,
            network=self._network,
            layers=self._layers,
            environment=environment | {"CAUSEWAY_DATABASE_URL": url},
            key=data.key,
            secrets=[data.service_secret, data.cache_secret, data.signing_secret, data.origin_secret],
            fixed_name=stages_function_name(self._config),
            timeout_s=300,
        )

    def _end_jobs_of_dead_executions(self, analysis: AnalysisStack) -> None:
        """A state machine that times out or is aborted runs no state any more; its job must not stay running."""
        rule = events.Rule(
            self,
            "DeadExecutions",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [analysis.state_machine_arn], "status": ["TIMED_OUT", "ABORTED"]},
            ),
        )
        message = {
            "stage": "failed",
            "execution": events.EventField.from_path("$.detail.name"),
            "input": events.EventField.from_path("$.detail.input"),
            "cause": {"Error": events.EventField.from_path("$.detail.status")},
        }
        rule.add_target(
            targets.LambdaFunction(
                self.stages.alias, event=events.RuleTargetInput.from_object(message), retry_attempts=10
            )
        )

    def _migrate(self, config: DeploymentConfig) -> ProjectFunction:
        data = self._data
        owner = data.cluster.attr_master_user_secret_secret_arn
        migrate = ProjectFunction(
            self,
            "Migrate",
            function_name="migrate",
            assets=self._assets,
            network=self._network,
            layers=self._layers,
            environment={
                "CAUSEWAY_OWNER_DATABASE_URL": database_url(data, owner, "causeway_owner"),
                "CAUSEWAY_APP_SECRET_ARN": data.app_secret.secret_arn,
                "CAUSEWAY_SERVICE_SECRET_ARN": data.service_secret.secret_arn,
                "CAUSEWAY_SIGNING_SECRET_ARN": data.signing_secret.secret_arn,
                "CAUSEWAY_LOG_LEVEL": "INFO" if config.is_prod else "DEBUG",
            },
            key=data.key,
            secrets=[data.app_secret, data.service_secret, data.signing_secret],
            timeout_s=900,
        )
        migrate.role.add_to_policy(iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[owner]))
        migrate.role.add_to_policy(
            iam.PolicyStatement(
                actions=["secretsmanager:PutSecretValue"],
                resources=[data.app_secret.secret_arn, data.service_secret.secret_arn, data.signing_secret.secret_arn],
            )
        )
        migrate.role.add_to_policy(iam.PolicyStatement(actions=["kms:GenerateDataKey"], resources=[data.key.key_arn]))
        return migrate

    def _http_api(self) -> apigateway.HttpApi:
        api = apigateway.HttpApi(self, "HttpApi", create_default_stage=False)
        for area, function in self.functions.items():
            integration = integrations.HttpLambdaIntegration(f"{area.capitalize()}Integration", function.alias)
            for path in (f"/v1/{area}/{{proxy+}}", f"/v1/{area}"):  # the first does not hold the second
                api.add_routes(path=path, methods=_METHODS, integration=integration)
        log_group = logs.LogGroup(
            self, "AccessLogs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=self._data.key
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=200, burst_limit=400),
        )
        level_one = stage.node.default_child
        assert isinstance(level_one, apigateway.CfnStage)  # noqa: S101 -- narrows the type; the construct library promises it
        level_one.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.log_group_arn, format=_ACCESS_LOG_FORMAT
        )
        acknowledge(
            api,
            {
                "APIG4": "Functions verify tokens and roles themselves, so that local mode runs the same check; a test "
                "walks every route without a token. Requests without CloudFront's secret header are refused."
            },
        )
        acknowledge(stage, {"APIG1": "Access logs go to the log group above, through the level-one property."})
        return api
