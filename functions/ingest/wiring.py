"""Chooses the adapters of this function, once per process. It connects as the service role: nobody is signed in."""

from __future__ import annotations

from functools import cache, partial

from causeway.adapters.compute.batch_fetches import BatchFetches
from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.model.identity import Role
from causeway.pipelines.schedules import load_schedules
from causeway.settings import DatabaseSettings, FetchSettings
from functions.ingest.planner import Planner


@cache
def planner() -> Planner:
    fill_environment(SecretsManager())
    settings = FetchSettings()
    runner = BatchFetches(settings.fetch_job_queue, settings.fetch_job_definition)
    database = Database.from_settings(DatabaseSettings())
    alerts = AlertStore(database, InProcessEventBus())  # no Redis here; streams look every two seconds by themselves
    return Planner(
        FetchRuns(database),
        runner,
        load_schedules(settings.fetch_schedules_file),
        tell=partial(alerts.raise_for_all, role=Role.ADMIN),
        unclaimed_s=settings.fetch_unclaimed_s,
    )
