"""What a job says when some of its targets failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from causeway.errors import CausewayError


class ShardsFailedError(CausewayError):
    """Some targets could not be analysed; the others are kept for a retry."""

    code = "shards_failed"


def shards_failed(failed: Sequence[Mapping[str, Any]]) -> ShardsFailedError:
    """The error that names every failed target and the first cause; rows hold target, attempt and error."""
    names = ", ".join(row["target"] for row in failed)
    cause = (failed[0]["error"] or {}).get("message", "the worker ended without an answer")
    return ShardsFailedError(
        f"the analysis of {names} failed after {failed[0]['attempt']} attempt(s): {cause}. "
        "What succeeded is kept; retry the job to run only what is missing.",
        details={"targets": [row["target"] for row in failed]},
    )
