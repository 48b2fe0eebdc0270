"""Chooses the adapters of the migrate function."""

from __future__ import annotations

from causeway.adapters.storage import migrator
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.settings import DeploySettings, OwnerDatabaseSettings
from functions.migrate.deployment import Deployment


def deployment() -> Deployment:
    """Wired from the environment, whose secret references are filled first."""
    secrets = SecretsManager()
    fill_environment(secrets)
    owner_url = OwnerDatabaseSettings().owner_database_url.get_secret_value()
    settings = DeploySettings()
    return Deployment(
        migrate=lambda phases: migrator.migrate(owner_url, phases=phases),
        ensure_login=lambda login, password, group: migrator.ensure_login_role(
            owner_url, login=login, password=password, member_of=group
        ),
        secrets=secrets,
        logins={"causeway_app": settings.app_secret_arn, "causeway_service": settings.service_secret_arn},
        signing_secret_arn=settings.signing_secret_arn,
    )
