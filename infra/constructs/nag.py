"""Acknowledged findings of cdk-nag. Every one carries its reason."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import IConstruct

NETWORK_INTERFACES = "Lambda's network interfaces have no ARN before they exist; EC2 offers no narrower scope."
REGISTRY_TOKEN = "ECR's token operation has no resource of its own."  # noqa: S105 -- prose
OBJECTS = "Objects have no names before they exist; the statement is scoped to one bucket."


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on ``construct`` and below: rule, such as ``IAM5[Resource::*]``, to reason."""
    cdk.Validations.of(construct).acknowledge(
        *[cdk.Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason) for rule, reason in reasons.items()]
    )


def objects_of_blobs(data: cdk.Stack) -> str:
    """The rule id of "any object of the blobs bucket" of the data stack, as another stack sees it."""
    return f"IAM5[Resource::{data.stack_name}:ExportsOutputFnGetAttBlobsF0F01DC6Arn220BCD82/*]"
