"""Network: a VPC with public, private and isolated subnets, and one security group per kind of process."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

POSTGRES_PORT = 5432
REDIS_PORT = 6379
NFS_PORT = 2049


class NetworkStack(cdk.Stack):
    """Who may talk to whom: functions, containers and load balancer reach database and cache; nothing else does."""

    def __init__(self, scope: Construct, name: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, name, env=env)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
                ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
            restrict_default_security_group=False,
            gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
        )
        self.vpc.add_flow_log(
            "FlowLog",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(
                logs.LogGroup(self, "FlowLogs", retention=logs.RetentionDays.ONE_MONTH)
            ),
        )
        self.functions = self._group("Functions", "Lambda functions")
        self.batch = self._group("Batch", "Analysis containers")
        self.gateway = self._group("Gateway", "Broker gateway")
        self.stream = self._group("Stream", "Stream service")
        self.load_balancer = self._group("LoadBalancer", "Internal load balancer of the stream service")
        self.database = self._group("Database", "Aurora PostgreSQL", outbound=False)
        self.cache = self._group("Cache", "ElastiCache for Valkey", outbound=False)
        for client in (self.functions, self.batch, self.gateway, self.stream):
            self.database.add_ingress_rule(client, ec2.Port.tcp(POSTGRES_PORT), "PostgreSQL")
            self.cache.add_ingress_rule(client, ec2.Port.tcp(REDIS_PORT), "Valkey")
        self.spool = self._group("Spool", "Disk of the live feed", outbound=False)
        self.spool.add_ingress_rule(self.stream, ec2.Port.tcp(NFS_PORT), "NFS")
        self.private_subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        self.isolated_subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

    def _group(self, name: str, description: str, *, outbound: bool = True) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, name, vpc=self.vpc, description=description, allow_all_outbound=outbound)
