"""Chooses the adapters of this function, once per process. It connects as the service role: nobody is signed in."""

from __future__ import annotations

from functools import cache

from causeway.adapters.compute.batch_fetches import BatchFetches
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.pipelines.schedules import load_schedules
from causeway.settings import DatabaseSettings, FetchSettings
from functions.ingest.planner import Planner


@cache
def planner() -> Planner:
    fill_environment(SecretsManager())
    settings = FetchSettings()
    runner = BatchFetches(settings.fetch_job_queue, settings.fetch_job_definition)
    runs = FetchRuns(Database.from_settings(DatabaseSettings()))
    return Planner(runs, runner, load_schedules(settings.fetch_schedules_file))
