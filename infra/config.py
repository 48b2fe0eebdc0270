"""What a deployment may choose: read from the CDK context, checked before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from causeway.errors import InvalidInput

_STAGES = ("dev", "prod")
_LIVE_FEEDS = ("", "alpaca")


@dataclass(frozen=True, slots=True)
class DeploymentConfig:
    """One deployment. ``dev`` pauses the database and keeps nothing on deletion; ``prod`` keeps everything.

    ``schedules`` names the schedules of fetches that run, with commas, or all; the others are deployed disabled.
    ``feeds`` names the providers of fetches in order; ``live_feed`` the one that streams, empty: stored bars are
    replayed.
    """

    stage: str = "dev"
    region: str = "us-east-1"
    domain_name: str = ""
    certificate_arn: str = ""
    alarm_email: str = ""
    schedules: str = ""
    feeds: str = "yahoo"
    live_feed: str = ""

    def __post_init__(self) -> None:
        if self.stage not in _STAGES:
            raise InvalidInput(
                f"stage must be one of {', '.join(_STAGES)}; found {self.stage!r}. Use cdk -c stage=dev."
            )
        if self.region != "us-east-1":
            raise InvalidInput(
                f"region must be us-east-1, found {self.region!r}: a web ACL for CloudFront can only be made there, "
                "and all stacks of a deployment share a region."
            )
        if not self.domain_name or not self.certificate_arn:
            raise InvalidInput(
                "a deployment needs domainName and certificateArn (ACM, us-east-1): the functions check Origin and "
                "name cookies by the address that browsers use. Give both: cdk -c domainName=... -c certificateArn=..."
            )

        if self.live_feed not in _LIVE_FEEDS:
            raise InvalidInput(
                f"liveFeed must be alpaca or empty, found {self.live_feed!r}: IQFeed streams through IQConnect, a "
                "desktop program that a deployment does not have. Use cdk -c liveFeed=alpaca."
            )

    @property
    def is_prod(self) -> bool:
        return self.stage == "prod"

    @classmethod
    def from_context(cls, context: dict[str, Any]) -> DeploymentConfig:
        """From the values of cdk.json and ``cdk -c name=value``."""
        return cls(
            stage=str(context.get("stage") or "dev"),
            region=str(context.get("region") or "us-east-1"),
            domain_name=str(context.get("domainName") or ""),
            certificate_arn=str(context.get("certificateArn") or ""),
            alarm_email=str(context.get("alarmEmail") or ""),
            schedules=str(context.get("schedules") or ""),
            feeds=str(context.get("feeds") or "yahoo"),
            live_feed=str(context.get("liveFeed") or ""),
        )
