"""Chooses the adapters of the analysis containers, once per process."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from causeway.adapters.compute.local_runner import LocalRunner
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.database import Database, load_driver
from causeway.adapters.storage.file_storage import open_blobs
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.result_store import ResultStore
from causeway.adapters.storage.secrets_manager import SecretsManager, fill_environment
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.analysis.idtxl_engine import IdtxlEngine
from causeway.analysis.information.neighbours.gpu_device import choose_device
from causeway.errors import NotFound
from causeway.model.job import AnalysisSpec
from causeway.pipelines.data_pipeline import BarLoader, History
from causeway.settings import BlobSettings, DatabaseSettings, JobSettings
from containers.gpu_batch.work import AnalysisWork

Device = Literal["cpu", "gpu"]
_log = logging.getLogger(__name__)


class _OptionalRedis(BaseSettings):
    """Wake-ups are optional: without Redis a page learns of progress when it asks."""

    model_config = SettingsConfigDict(env_prefix="CAUSEWAY_", frozen=True, extra="ignore")
    redis_url: SecretStr | None = None


def build_work(device: Device = "cpu") -> AnalysisWork:
    """The work of a container, as its environment says."""
    fill_environment(SecretsManager())
    load_driver()
    database = Database.from_settings(DatabaseSettings())
    return AnalysisWork(
        runs=JobRuns(database, _event_bus()),
        results=ResultStore(database),
        blobs=open_blobs(BlobSettings().blob_url),
        load=bar_loader(database),
        engine=_engine(device),
    )


def build_job_runner() -> LocalRunner:
    """The runner of one machine: stages in this process, shards in worker processes of the same entry point."""
    work = build_work()
    module = "cpu_worker" if JobSettings().device == "cpu" else "gpu_worker"
    worker = [sys.executable, "-m", f"containers.gpu_batch.{module}", "claim", "--watch-parent", "--job"]
    return LocalRunner(work.runs, work.stage, worker, workers=JobSettings().worker_processes)


def bar_loader(database: Database) -> BarLoader:
    """Loads raw bars and corporate actions; a symbol that nobody knows is left out."""
    series = TimeseriesDb(database)

    def load(spec: AnalysisSpec) -> Mapping[str, History]:
        histories = {}
        until = spec.end - spec.bar_size.width + timedelta(microseconds=1)  # the last bar ends by spec.end
        for symbol in spec.symbols:
            try:
                bars = series.read_bars(symbol, spec.bar_size, spec.start, until)
            except NotFound:
                continue
            histories[symbol] = History(bars, tuple(series.corporate_actions(symbol)))
        return histories

    return load


def _engine(device: Device) -> IdtxlEngine:
    """On the GPU of this worker if one was asked for and is there; else on the CPU, with the same reported values."""
    wanted = "cpu" if device == "cpu" else "auto" if JobSettings().device == "auto" else "cuda"
    chosen = choose_device(wanted)
    _log.info("shards are computed on %s", chosen)
    return IdtxlEngine(device=chosen)


def _event_bus() -> RedisEventBus | None:
    url = _OptionalRedis().redis_url
    return RedisEventBus(url.get_secret_value()) if url else None
