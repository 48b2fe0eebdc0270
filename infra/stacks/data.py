"""Data: Aurora PostgreSQL Serverless v2, ElastiCache Serverless for Valkey, buckets, secrets, one key.

L1 database resources: Aurora's own password management (``manage_master_user_password``) rotates the owner's
password without a Lambda or a template transform, and the L2 construct cannot express it.
"""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import DeploymentConfig
from infra.constructs.encryption import make_key
from infra.constructs.nag import acknowledge
from infra.stacks.network import NetworkStack

DATABASE_NAME = "causeway"
PROVIDER_FIELDS = ("alpaca_key_id", "alpaca_secret_key", "alphavantage_key")
ENGINE_VERSION = "17.5"


class DataStack(cdk.Stack):
    """State. Everything here outlives a deployment in prod."""

    def __init__(
        self, scope: Construct, name: str, *, env: cdk.Environment, config: DeploymentConfig, network: NetworkStack
    ) -> None:
        super().__init__(scope, name, env=env, termination_protection=config.is_prod)
        self._config = config
        self.key = make_key(self, "Key", retain=config.is_prod)
        self.cluster = self._database(network)
        self.app_secret = self._secret("AppRole", "Login of the HTTP functions", username="causeway_app_login")
        self.service_secret = self._secret(
            "ServiceRole", "Login of gateway, stream and workers", username="causeway_service_login"
        )
        self.signing_secret = self._secret(
            "Signing", "Ed25519 key pair of access tokens; written by the migrate function"
        )
        self.origin_secret = self._secret("Origin", "Header that CloudFront adds and the functions require")
        self.provider_secret = self._secret(
            "Providers", "Keys of market data providers; written by whoever has them", fields=PROVIDER_FIELDS
        )
        self.cache_secret = self._secret("CacheUser", "Password of the cache's user", username="causeway")
        self.cache = self._cache(network)
        self.access_logs = self._bucket("AccessLogs", is_log_bucket=True)
        self.blobs = self._bucket("Blobs")

    @property
    def database_host(self) -> str:
        return self.cluster.attr_endpoint_address

    @property
    def database_replica_host(self) -> str:
        """Balances over the readers; the writer where there is none."""
        return self.cluster.attr_read_endpoint_address

    @property
    def cache_host(self) -> str:
        return self.cache.attr_endpoint_address

    def _database(self, network: NetworkStack) -> rds.CfnDBCluster:
        subnets = rds.CfnDBSubnetGroup(
            self,
            "DatabaseSubnets",
            db_subnet_group_description="Isolated subnets",
            subnet_ids=network.vpc.select_subnets(subnet_type=network.isolated_subnets.subnet_type).subnet_ids,
        )
        parameters = rds.CfnDBClusterParameterGroup(
            self,
            "DatabaseParameters",
            family="aurora-postgresql17",
            description="TLS only; slow statements are logged",
            parameters={"rds.force_ssl": "1", "log_min_duration_statement": "1000"},
        )
        cluster = rds.CfnDBCluster(
            self,
            "Database",
            engine="aurora-postgresql",
            engine_version=ENGINE_VERSION,
            database_name=DATABASE_NAME,
            master_username="causeway_owner",
            manage_master_user_password=True,
            master_user_secret=rds.CfnDBCluster.MasterUserSecretProperty(kms_key_id=self.key.key_id),
            serverless_v2_scaling_configuration=rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=0.5 if self._config.is_prod else 0,
                max_capacity=16 if self._config.is_prod else 4,
                seconds_until_auto_pause=None if self._config.is_prod else 3600,
            ),
            db_subnet_group_name=subnets.ref,
            db_cluster_parameter_group_name=parameters.ref,
            vpc_security_group_ids=[network.database.security_group_id],
            storage_encrypted=True,
            kms_key_id=self.key.key_arn,
            enable_iam_database_authentication=True,
            backup_retention_period=35 if self._config.is_prod else 7,
            copy_tags_to_snapshot=True,
            deletion_protection=self._config.is_prod,
            enable_cloudwatch_logs_exports=["postgresql"],
            port=5432,
        )
        cluster.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT if self._config.is_prod else cdk.RemovalPolicy.DESTROY)
        self._instances(cluster)
        if not self._config.is_prod:
            acknowledge(cluster, {"RDS10": "A dev deployment is thrown away whole; prod has deletion protection."})
        return cluster

    def _instances(self, cluster: rds.CfnDBCluster) -> None:
        for role in ("Writer", "Reader") if self._config.is_prod else ("Writer",):
            rds.CfnDBInstance(
                self,
                f"Database{role}",
                db_cluster_identifier=cluster.ref,
                db_instance_class="db.serverless",
                engine="aurora-postgresql",
                enable_performance_insights=True,
                performance_insights_kms_key_id=self.key.key_arn,
                auto_minor_version_upgrade=True,
            )

    def _secret(
        self, name: str, description: str, *, username: str = "", fields: Sequence[str] = ()
    ) -> secretsmanager.Secret:
        """With a generated password, and with ``fields`` empty until somebody fills them."""
        known = {"username": username} if username else dict.fromkeys(fields, "")
        secret = secretsmanager.Secret(
            self,
            name,
            description=description,
            encryption_key=self.key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=self.to_json_string(known),
                generate_string_key="password",
                exclude_punctuation=True,
                password_length=40,
            ),
        )
        acknowledge(
            secret,
            {
                "SMG4": "Providers hand their keys out on their own pages; no function can change them."
                if fields
                else "Rotated by running the migrate function with rotate, which changes role and secret together; "
                "a rotation schedule alone would lock every process out."
            },
        )
        return secret

    def _cache(self, network: NetworkStack) -> elasticache.CfnServerlessCache:
        user = elasticache.CfnUser(
            self,
            "CacheLogin",
            engine="valkey",
            user_id=f"causeway-{self._config.stage}",
            user_name="causeway",
            access_string="on ~* &* +@all -@dangerous",
            passwords=[self.cache_secret.secret_value_from_json("password").unsafe_unwrap()],
        )
        group = elasticache.CfnUserGroup(
            self, "CacheUsers", engine="valkey", user_group_id=f"causeway-{self._config.stage}", user_ids=[user.ref]
        )
        return elasticache.CfnServerlessCache(
            self,
            "Cache",
            engine="valkey",
            serverless_cache_name=f"causeway-{self._config.stage}",
            user_group_id=group.ref,
            kms_key_id=self.key.key_id,
            security_group_ids=[network.cache.security_group_id],
            subnet_ids=network.vpc.select_subnets(subnet_type=network.isolated_subnets.subnet_type).subnet_ids,
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(maximum=5, unit="GB"),
            ),
        )

    def _bucket(self, name: str, *, is_log_bucket: bool = False) -> s3.Bucket:
        keep = self._config.is_prod
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.S3_MANAGED if is_log_bucket else s3.BucketEncryption.KMS,
            encryption_key=None if is_log_bucket else self.key,
            bucket_key_enabled=None if is_log_bucket else True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            object_ownership=(
                s3.ObjectOwnership.BUCKET_OWNER_PREFERRED if is_log_bucket else s3.ObjectOwnership.BUCKET_OWNER_ENFORCED
            ),
            server_access_logs_bucket=None if is_log_bucket else self.access_logs,
            server_access_logs_prefix=None if is_log_bucket else f"{name.lower()}/",
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=cdk.Duration.days(30),
                    expiration=cdk.Duration.days(365) if is_log_bucket else None,
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
                )
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY,
        )
