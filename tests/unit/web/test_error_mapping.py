"""Every error of the tree has its status; docs/contracts/http.md holds the same table."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from causeway import errors
from causeway.web.error_mapping import STATUS, causeway_error, status_of

CONTRACT = Path(__file__).parents[3] / "docs/contracts/http.md"


def public_errors() -> list[type[errors.CausewayError]]:
    return [
        kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type)
        and issubclass(kind, errors.CausewayError)
        and kind is not errors.CausewayError
        and not name.startswith("_")
    ]


@pytest.mark.parametrize("kind", public_errors())
def test_every_error_is_mapped(kind: type[errors.CausewayError]) -> None:
    assert kind in STATUS


def test_the_table_is_that_of_the_contract() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (\d{3})", CONTRACT.read_text(encoding="utf-8"), re.MULTILINE))
    assert {kind.code: str(status) for kind, status in STATUS.items()} == rows


def test_a_kind_of_a_mapped_error_takes_its_status() -> None:
    class TooOld(errors.Conflict):
        pass

    assert status_of(TooOld("x")) == 409
    assert status_of(errors.CausewayError("x")) == 500


@pytest.mark.parametrize(("seconds", "header"), [(0.1, "1"), (1.0, "1"), (2.4, "3")])
def test_retry_after_is_whole_seconds_rounded_up(seconds: float, header: str) -> None:
    for kind in (errors.TooMany, errors.Unavailable):
        assert causeway_error(kind("x", retry_after_s=seconds)).headers["retry-after"] == header


def test_the_body_names_code_message_fields_and_request() -> None:
    response = causeway_error(errors.InvalidInput("end before start", details={"field": "end"}), "request-1")
    assert json.loads(bytes(response.body)) == {
        "error": {
            "code": "invalid_input",
            "message": "end before start",
            "fields": [{"field": "end", "message": "end before start"}],
            "details": {"field": "end"},
            "request_id": "request-1",
        }
    }
