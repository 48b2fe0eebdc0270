"""The environment of every process: the names of causeway.settings with the values of this deployment.

A value ``secretsmanager:<arn>`` or ``secretsmanager:<arn>#<json key>`` is looked up when the process starts, so no
secret stands in a template or a Lambda's configuration.
"""

from __future__ import annotations

from infra.config import DeploymentConfig
from infra.stacks.data import DATABASE_NAME, PROVIDER_FIELDS, DataStack


def database_url(data: DataStack, secret_arn: str, login: str, host: str = "") -> str:
    """A URL whose password is filled in from the secret when the process starts; of the writer without ``host``."""
    at = host or data.database_host
    return f"postgresql://{login}:{{secretsmanager:{secret_arn}#password}}@{at}:5432/{DATABASE_NAME}?sslmode=require"


def database_urls(data: DataStack, config: DeploymentConfig, secret_arn: str, login: str) -> dict[str, str]:
    """Where a process writes, and in prod, which has a reader, where it reads series."""
    urls = {"CAUSEWAY_DATABASE_URL": database_url(data, secret_arn, login)}
    if config.is_prod:
        urls["CAUSEWAY_DATABASE_REPLICA_URL"] = database_url(data, secret_arn, login, data.database_replica_host)
    return urls


def provider_environment(data: DataStack, config: DeploymentConfig) -> dict[str, str]:
    """Which providers are asked, and their keys; for processes that fetch or stream."""
    names = {f"CAUSEWAY_{field.upper()}": field for field in PROVIDER_FIELDS}
    keys = {name: f"{{secretsmanager:{data.provider_secret.secret_arn}#{field}}}" for name, field in names.items()}
    return {"CAUSEWAY_FEEDS": config.feeds, **keys}


def redis_url(data: DataStack) -> str:
    """TLS, cluster mode, password from the secret."""
    return f"rediss://causeway:{{secretsmanager:{data.cache_secret.secret_arn}#password}}@{data.cache_host}:6379/0?cluster=true"


def function_environment(data: DataStack, config: DeploymentConfig, public_origin: str) -> dict[str, str]:
    """What every HTTP function gets: the limited database role and the public key."""
    return {
        **database_urls(data, config, data.app_secret.secret_arn, "causeway_app_login"),
        "CAUSEWAY_REDIS_URL": redis_url(data),
        "CAUSEWAY_BLOB_URL": f"s3://{data.blobs.bucket_name}",
        "CAUSEWAY_JWT_PUBLIC_KEY": f"{{secretsmanager:{data.signing_secret.secret_arn}#public_key}}",
        "CAUSEWAY_PUBLIC_ORIGIN": public_origin,
        "CAUSEWAY_ORIGIN_SECRET": f"{{secretsmanager:{data.origin_secret.secret_arn}#password}}",
        "CAUSEWAY_TRUSTED_PROXIES": "2",  # CloudFront, then API Gateway
        "CAUSEWAY_LOG_LEVEL": "INFO" if config.is_prod else "DEBUG",
        "POWERTOOLS_SERVICE_NAME": "causeway",
    }


def service_environment(data: DataStack, config: DeploymentConfig) -> dict[str, str]:
    """What containers get: the service role, no signing key."""
    return {
        **database_urls(data, config, data.service_secret.secret_arn, "causeway_service_login"),
        "CAUSEWAY_REDIS_URL": redis_url(data),
        "CAUSEWAY_BLOB_URL": f"s3://{data.blobs.bucket_name}",
        "CAUSEWAY_LOG_LEVEL": "INFO" if config.is_prod else "DEBUG",
    }
