"""Edge: CloudFront with a web ACL in front of the web app (S3), the HTTP API and the WebSocket service."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.assets import Assets
from infra.config import DeploymentConfig
from infra.constructs.nag import acknowledge
from infra.stacks.api import ApiStack
from infra.stacks.realtime import RealtimeStack

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_MANAGED_RULES = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet")
_CDK_OWN = dict.fromkeys(
    (
        "L1",
        "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
        "IAM5[Resource::*]",
        "IAM5[Action::s3:Abort*]",
        "IAM5[Action::s3:DeleteObject*]",
        "IAM5[Action::s3:GetBucket*]",
        "IAM5[Action::s3:GetObject*]",
        "IAM5[Action::s3:List*]",
        "IAM5[Resource::<SiteE53D7754.Arn>/*]",
        "IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-us-east-1/*]",
    ),
    "CDK's own resource that copies the web app; its role and runtime are CDK's to choose.",
)
_REQUESTS_PER_FIVE_MINUTES = 3000


class EdgeStack(cdk.Stack):
    """The only public door."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        env: cdk.Environment,
        config: DeploymentConfig,
        api: ApiStack,
        realtime: RealtimeStack,
        assets: Assets,
    ) -> None:
        super().__init__(scope, name, env=env)
        self._config = config
        self.log_bucket = self._bucket("Logs", logs=True)
        self.site = self._bucket("Site")
        self.distribution = self._distribution(api, realtime)
        deployment.BucketDeployment(
            self,
            "WebApp",
            sources=[deployment.Source.asset(str(assets.web_app))],
            destination_bucket=self.site,
            distribution=self.distribution,
            distribution_paths=["/index.html"],
            prune=False,
        )
        self._acknowledge_deployment()
        cdk.CfnOutput(self, "Url", value=f"https://{config.domain_name}")
        cdk.CfnOutput(self, "PointTheDomainAt", value=self.distribution.distribution_domain_name)

    def _bucket(self, name: str, *, logs: bool = False) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=(
                s3.ObjectOwnership.BUCKET_OWNER_PREFERRED if logs else s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
            ),
            server_access_logs_bucket=None if logs else self.log_bucket,
            server_access_logs_prefix=None if logs else "site/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=cdk.Duration.days(30),
                    expiration=cdk.Duration.days(365) if logs else None,
                )
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN if self._config.is_prod else cdk.RemovalPolicy.DESTROY,
        )

    def _to_api(self, api: ApiStack) -> cloudfront.BehaviorOptions:
        origin = origins.HttpOrigin(
            f"{api.api.api_id}.execute-api.{self.region}.{self.url_suffix}",
            custom_headers={"X-Causeway-Origin": self._origin_secret(api)},
            read_timeout=cdk.Duration.seconds(30),
        )
        return cloudfront.BehaviorOptions(
            origin=origin,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
        )

    def _to_stream(self, realtime: RealtimeStack) -> cloudfront.BehaviorOptions:
        origin = origins.VpcOrigin.with_application_load_balancer(
            realtime.load_balancer, protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY
        )
        return cloudfront.BehaviorOptions(
            origin=origin,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        )

    def _to_site(self) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(self.site),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            response_headers_policy=self._site_headers(),
            compress=True,
            function_associations=[self._route_pages()],
        )

    def _distribution(self, api: ApiStack, realtime: RealtimeStack) -> cloudfront.Distribution:
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_behavior=self._to_site(),
            additional_behaviors={"/v1/stream": self._to_stream(realtime), "/v1/*": self._to_api(api)},
            default_root_object="index.html",
            web_acl_id=self._web_acl().attr_arn,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", self._config.certificate_arn),
            domain_names=[self._config.domain_name],
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            enable_logging=True,
            log_bucket=self.log_bucket,
            log_file_prefix="cloudfront/",
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        )
        acknowledge(
            distribution,
            {
                "CFR1": "A trading firm's people travel; the web ACL limits rates instead of countries.",
                "CFR5": "The VPC origin stays inside the VPC, where the load balancer speaks HTTP.",
            },
        )
        return distribution

    def _origin_secret(self, api: ApiStack) -> str:
        return api.origin_secret.secret_value_from_json("password").unsafe_unwrap()

    def _route_pages(self) -> cloudfront.FunctionAssociation:
        """The web app's routes have no file of their own: they get index.html."""
        code = (
            "function handler(event) { var request = event.request; "
            "if (!request.uri.includes('.')) { request.uri = '/index.html'; } return request; }"
        )
        return cloudfront.FunctionAssociation(
            event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
            function=cloudfront.Function(
                self,
                "RoutePages",
                code=cloudfront.FunctionCode.from_inline(code),
                runtime=cloudfront.FunctionRuntime.JS_2_0,
            ),
        )

    def _site_headers(self) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "SiteHeaders",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=CONTENT_SECURITY_POLICY, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(365), include_subdomains=True, override=True
                ),
            ),
        )

    def _web_acl(self) -> waf.CfnWebACL:
        rate = waf.CfnWebACL.RuleProperty(
            name="RatePerAddress",
            priority=0,
            action=waf.CfnWebACL.RuleActionProperty(block={}),
            statement=waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP", limit=_REQUESTS_PER_FIVE_MINUTES
                )
            ),
            visibility_config=_visibility("RatePerAddress"),
        )
        managed = [_managed_rules(name, priority) for priority, name in enumerate(_MANAGED_RULES, start=1)]
        return waf.CfnWebACL(
            self,
            "WebAcl",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=[rate, *managed],
            visibility_config=_visibility("CausewayEdge"),
        )

    def _acknowledge_deployment(self) -> None:
        """CDK's own custom resource copies the web app; its role and runtime are CDK's to choose."""
        for child in self.node.children:
            if child.node.id.startswith("Custom::CDKBucketDeployment"):
                acknowledge(child, _CDK_OWN)


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )


def _managed_rules(name: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    """AWS's own rules. Uploads of market data are larger than 8 KB; the functions limit bodies themselves."""
    count_only = [
        waf.CfnWebACL.RuleActionOverrideProperty(
            name="SizeRestrictions_BODY", action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
        )
    ]
    group = waf.CfnWebACL.ManagedRuleGroupStatementProperty(
        name=name, vendor_name="AWS", rule_action_overrides=count_only if name == _MANAGED_RULES[0] else None
    )
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
        visibility_config=_visibility(name),
    )
