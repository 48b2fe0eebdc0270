"""Permissions that stay in the stack of whoever gets them.

``Secret.grant_read`` also names the reader in the key's policy, which ties the key's stack to the reader's stack and
back. The key trusts this account's policies, so a statement on the reader's role is enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager


def let_read_secrets(role: iam.IRole, secrets: Iterable[secretsmanager.ISecret], key: kms.IKey) -> None:
    """Allow ``role`` to read ``secrets``, all of which ``key`` encrypts."""
    role.add_to_principal_policy(
        iam.PolicyStatement(
            actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn for secret in secrets]
        )
    )
    role.add_to_principal_policy(iam.PolicyStatement(actions=["kms:Decrypt"], resources=[key.key_arn]))


def let_use_objects(role: iam.IRole, bucket: s3.IBucket, key: kms.IKey, *, write: bool) -> None:
    """Allow ``role`` to list and read objects of ``bucket``, and to write and delete them if ``write``."""
    actions = ["s3:GetObject", *(["s3:PutObject", "s3:DeleteObject"] if write else [])]
    role.add_to_principal_policy(iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket.bucket_arn]))
    role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[f"{bucket.bucket_arn}/*"]))
    keys = ["kms:Decrypt", *(["kms:GenerateDataKey"] if write else [])]
    role.add_to_principal_policy(iam.PolicyStatement(actions=keys, resources=[key.key_arn]))
