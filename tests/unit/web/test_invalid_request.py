"""What a request lacks is said as every other error is: expected, found, what to do. No text of pydantic goes out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from causeway.web.invalid_request import field_error
from causeway.web.wire import Moment


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Body(BaseModel, extra="forbid"):
    quantity: int


def refuse_odd(value: int) -> int:
    if value % 2:
        raise ValueError(f"must be even; found {value}")
    return value


def said(kind: Any, value: object, place: str = "limit") -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    found = [{**one, "loc": ("query", place, *one["loc"])} for one in caught.value.errors()]
    return [f"{one.field} {one.message}" for one in map(field_error, found)]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (int, "abc", "limit must be a whole number; found 'abc'"),
        (float, "abc", "limit must be a number; found 'abc'"),
        (bool, "perhaps", "limit must be true or false; found 'perhaps'"),
        (Annotated[int, Field(ge=1, le=500)], 501, "limit must be at most 500; found 501"),
        (Annotated[int, Field(ge=1, le=500)], 0, "limit must be at least 1; found 0"),
        (Literal["1m", "1h", "1d"], "2d", "limit must be one of 1m, 1h, 1d; found '2d'"),
        (Side, "hold", "limit must be one of buy, sell; found 'hold'"),
        (datetime, "yesterday", "limit must be a time such as 2024-01-31T14:30:00Z; found 'yesterday'"),
        (Annotated[str, Field(max_length=2)], "abcd", "limit must have at most 2 signs; found 4"),
        (Annotated[str, Field(min_length=1)], "", "limit must have at least 1 sign; found 0"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "limit must hold at most 1 item; found 2"),
        (
            Annotated[str, Field(pattern=r"^[^\x00]*$")],
            "a\x00",
            r"limit must be text without the character NUL; found 'a\x00'",
        ),
        (Annotated[int, AfterValidator(refuse_odd)], 3, "limit must be even; found 3"),
        (Moment, "2024-01-31T14:30:00", "limit must carry a time zone, such as 2024-01-31T14:30:00Z"),
    ],
)
def test_what_was_expected_and_what_was_found(kind: Any, value: object, expected: str) -> None:
    assert said(kind, value) == [expected]


def test_a_field_that_is_missing_and_one_that_is_not_known() -> None:
    assert said(Body, {"quantty": 1}, "body") == [
        "body.quantity is missing; send it",
        "body.quantty is not known here; correct its name or leave it out",
    ]


def test_an_id_is_shown_by_an_example() -> None:
    (message,) = said(UUID, "42")
    assert message.startswith("limit must be an id such as ")
    assert message.endswith("; found '42'")


def test_a_long_value_is_cut() -> None:
    (message,) = said(int, "x" * 10_000)
    assert len(message) < 150


@pytest.mark.parametrize("place", ["password", "new_password", "token", "totp_code", "api_key", "client_secret"])
def test_a_secret_is_not_repeated(place: str) -> None:
    (message,) = said(int, "hunter2", place)
    assert message == f"{place} must be a whole number"


def test_a_body_that_is_no_object_is_not_repeated() -> None:
    """It may hold anything: a form with a password, sent as JSON."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Body).validate_python("user=a&password=hunter2")
    (found,) = caught.value.errors()
    assert field_error({**found, "loc": ("body",)}).message == "must be a JSON object"


def test_what_pydantic_alone_knows_still_reads_as_an_expectation() -> None:
    (message,) = said(bytes, 3)
    assert message == "limit must be a valid bytes; found 3"
