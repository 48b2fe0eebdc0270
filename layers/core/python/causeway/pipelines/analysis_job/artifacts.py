"""What the stages hand to one another: keys and bytes below ``results/{result_id}/``."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.pipelines.analysis_job.checkpoints import BlobCheckpoint
from causeway.pipelines.data_pipeline import AlignedPanel
from causeway.pipelines.signal_pipeline import SignalTable
from causeway.pipelines.validation import Exclusion
from causeway.ports.blobs import BlobStore

Arrays = dict[str, NDArray[Any]]


class Artifacts:
    """The blobs of one answer."""

    def __init__(self, blobs: BlobStore, result_id: str) -> None:
        self._blobs = blobs
        self._root = f"results/{result_id}"

    def put_json(self, name: str, value: Any) -> None:
        """Store JSON types under ``name``. NaN is refused: it is not JSON."""
        self._blobs.put(f"{self._root}/{name}", json.dumps(value, sort_keys=True, allow_nan=False).encode())

    def get_json(self, name: str) -> Any:
        """What was stored under ``name``. Raises NotFound."""
        return json.loads(self._blobs.get(f"{self._root}/{name}"))

    def has(self, name: str) -> bool:
        return self._blobs.exists(f"{self._root}/{name}")

    def checkpoint(self, index: int) -> BlobCheckpoint:
        """What shard number ``index`` had decided when it was interrupted."""
        return BlobCheckpoint(self._blobs, f"{self._root}/checkpoints/{index:04d}/")

    def put_panel(self, panel: AlignedPanel) -> None:
        described = {
            "symbols": panel.symbols,
            "n_train": panel.n_train,
            "evaluation_start": panel.evaluation_start,
            "excluded": [[gone.symbol, gone.reason] for gone in panel.excluded],
            "warnings": panel.warnings,
        }
        arrays = {"time_us": panel.time_us, "values": panel.values, "returns": panel.returns}
        if panel.masked_time_us is not None and panel.masked_values is not None:
            arrays |= {"masked_time_us": panel.masked_time_us, "masked_values": panel.masked_values}
        self._put_arrays("panel.npz", described, arrays)

    def get_panel(self) -> AlignedPanel:
        described, arrays = self._get_arrays("panel.npz")
        return AlignedPanel(
            symbols=tuple(described["symbols"]),
            n_train=described["n_train"],
            evaluation_start=described["evaluation_start"],
            excluded=tuple(Exclusion(*pair) for pair in described["excluded"]),
            warnings=tuple(described["warnings"]),
            **arrays,
        )

    def put_signal(self, signal: SignalTable) -> None:
        described = {"symbols": signal.symbols, "training_means": dict(signal.training_means)}
        arrays = {"time_us": signal.time_us, "weights": signal.weights, "forecasts": signal.forecasts}
        self._put_arrays("signals.npz", described, arrays)

    def get_signal(self) -> SignalTable:
        described, arrays = self._get_arrays("signals.npz")
        return SignalTable(tuple(described["symbols"]), training_means=described["training_means"], **arrays)

    def _put_arrays(self, name: str, described: dict[str, Any], arrays: Arrays) -> None:
        """A zip of arrays whose bytes depend on the content alone: entries carry no time of writing."""
        text = np.frombuffer(json.dumps(described, sort_keys=True).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, described=text, **arrays)
        self._blobs.put(f"{self._root}/{name}", buffer.getvalue())

    def _get_arrays(self, name: str) -> tuple[dict[str, Any], Arrays]:
        with np.load(io.BytesIO(self._blobs.get(f"{self._root}/{name}")), allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
        return json.loads(arrays.pop("described").tobytes()), arrays


def shard_name(index: int) -> str:
    """Where the shard of target number ``index`` lies; a number, because symbols may hold any character."""
    return f"shards/{index:04d}.json"


def detail_name(index: int) -> str:
    """Where the details of target number ``index`` lie."""
    return f"details/{index:04d}.json"


def windows_name(index: int) -> str:
    """Where the windows of target number ``index`` lie."""
    return f"windows/{index:04d}.json"
