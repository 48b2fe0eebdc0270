"""What every wire schema shares: unknown fields are refused, decimals travel as strings, times as UTC with Z."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from causeway.model.time import is_storable, isoformat_z


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError(f"must be a finite number; found {number}")
    return number


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"must carry a time zone, such as {moment.isoformat()}Z")
    if not is_storable(moment):
        raise ValueError("must lie in the years 2 to 9998 of UTC")
    return moment


Amount = Annotated[Decimal, AfterValidator(_finite), PlainSerializer(_plain, return_type=str, when_used="json")]
Moment = Annotated[datetime, AfterValidator(_aware), PlainSerializer(isoformat_z, return_type=str, when_used="json")]


class Wire(BaseModel):
    """Base of request and response bodies."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ItemT = TypeVar("ItemT")


class Page(Wire, Generic[ItemT]):
    """A page of a list. ``next_cursor`` goes back as ``?cursor=``; null on the last page."""

    items: list[ItemT]
    next_cursor: str | None = None


class FieldError(Wire):
    field: str
    message: str


class ErrorBody(Wire):
    """Every error has this body. ``code`` is stable; ``message`` says what was expected, found and to do."""

    code: str
    message: str
    fields: list[FieldError] = Field(default_factory=list)
    details: dict[str, object] = Field(default_factory=dict)
    request_id: str = ""


class ErrorEnvelope(Wire):
    error: ErrorBody
