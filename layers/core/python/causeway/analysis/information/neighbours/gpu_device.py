"""Which device computes: chosen once per process, and said in the log where it is not the one that was asked for."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

from causeway.errors import InvalidInput

_log = logging.getLogger(__name__)
_NUMBER_OF_THIS_WORKER = ("CAUSEWAY_WORKER_NUMBER", "CAUSEWAY_SHARD_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX")


def choose_device(wanted: str = "auto", environment: Mapping[str, str] | None = None) -> str:
    """``"cpu"`` or ``"cuda:i"``.

    ``wanted`` is ``"auto"`` or ``"cuda"`` (a GPU where torch sees one, else the CPU, which the log says if a GPU was
    asked for by name), ``"cuda:i"`` (that GPU or none) or ``"cpu"``. Among several GPUs, worker number i takes GPU
    i mod n, where i is its number on this machine, else the shard's index or the place in an AWS Batch array, else 0.
    CUDA_VISIBLE_DEVICES is honoured by torch itself: it numbers the devices that are left.

    Raises:
        InvalidInput: another word.
    """
    kind, _, number = wanted.partition(":")
    if kind not in ("auto", "cpu", "cuda") or (number and (kind != "cuda" or not number.isdigit())):
        raise InvalidInput(f"device must be auto, cpu, cuda or cuda:<number>; found {wanted!r}.")
    if kind == "cpu":
        return "cpu"
    count, why_none = count_devices()
    index = int(number) if number else worker_number(environment) % max(count, 1)
    if index < count:
        return f"cuda:{index}"
    if kind == "cuda":
        reason = why_none or f"torch sees {count} CUDA device{'s' if count > 1 else ''}, none of number {index}"
        _log.warning("%s was asked for, but %s: computing on the CPU, with the same reported values", wanted, reason)
    return "cpu"


def count_devices() -> tuple[int, str]:
    """How many CUDA devices torch sees, and where there is none, why."""
    torch_package = find_spec("torch")
    if torch_package is None or torch_package.origin is None:
        return 0, "torch is not installed (the gpu extra brings it)"
    build = run_path(str(Path(torch_package.origin).with_name("version.py")))  # importing torch takes seconds
    if build["cuda"] is None:
        return 0, f"torch {build['__version__']} is built without CUDA"
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return count, "" if count else "torch sees no CUDA device"


def worker_number(environment: Mapping[str, str] | None = None) -> int:
    """Number of this worker among those of its job, 0 where nothing says so."""
    values = os.environ if environment is None else environment
    for name in _NUMBER_OF_THIS_WORKER:
        if values.get(name, "").isdigit():
            return int(values[name])
    return 0
