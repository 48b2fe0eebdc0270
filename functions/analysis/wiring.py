"""Chooses the adapters of this function, once per process.

The function is deployed twice from the same code: behind HTTP it connects as the user-limited role, and as a task of
the state machine as the service role, because a stage belongs to no signed-in user.
"""

from __future__ import annotations

from functools import cache

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.compute.step_functions_jobs import StepFunctionsJobs
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_reads import CachedResults
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.identity_store import api_key_finder
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.pipelines.cost_model import Machine
from causeway.ports.jobs import JobRunner
from causeway.settings import DatabaseSettings, JobSettings, RedisSettings, TokenSettings
from causeway.web.tokens import TokenVerifier
from functions.analysis.services import Services

BATCH_JOBS = 40  # that run at once


@cache
def database() -> Database:
    fill_environment(SecretsManager())
    return Database.from_settings(DatabaseSettings())


@cache
def services() -> Services:
    return Services(JobStore(database()), _results(), job_runner(), _machine())


def _results() -> ResultStore:
    url = RedisSettings().redis_url.get_secret_value()
    return CachedResults(database(), CacheManager(url))


def _machine() -> Machine:
    """What runs the shards; a state machine has one Batch job for each target at once."""
    settings = JobSettings()
    here = settings.jobs == "local"
    workers = settings.worker_processes if here else BATCH_JOBS
    return Machine(workers=workers, is_here=here, usd_per_vcpu_hour=settings.vcpu_hour_usd)


@cache
def job_runner() -> JobRunner:
    settings = JobSettings()
    return StepFunctionsJobs(settings.state_machine_arn) if settings.jobs == "step_functions" else LocalJobs()


@cache
def runs() -> JobRuns:
    """For the stages of the state machine: the service role."""
    return JobRuns(database())


@cache
def verifier() -> TokenVerifier:
    fill_environment(SecretsManager())
    return TokenVerifier.from_settings(TokenSettings(), api_key_finder(database()))
