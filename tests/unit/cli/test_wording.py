"""Messages of the server, in the words of the command line."""

from __future__ import annotations

import pytest

from causeway.cli.wording import of_commands


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "ingest bars of it first, or choose from GET /v1/data/symbols",
            "ingest bars of it first, or choose from `causeway symbols`",
        ),
        (
            "you have no fetch X; GET /v1/data/fetches lists yours",
            "you have no fetch X; `causeway fetches` lists yours",
        ),
        (
            "job X has no result yet; GET /v1/analysis/jobs/0b7c1f2e-1111-4222-8333-444455556666 tells where it stands",
            "job X has no result yet; `causeway analyses` tells where it stands",
        ),
        ("15 symbols are stored; list them first.", "15 symbols are stored; list them with: causeway symbols"),
        ("see GET /v1/data/nowhere", "see GET /v1/data/nowhere"),
    ],
)
def test_a_route_is_named_by_the_command_that_does_the_same(said: str, shown: str) -> None:
    assert of_commands(said) == shown
