"""Options and values that several commands share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

import click

from causeway.cli.client import Client
from causeway.model.instrument import AssetClass
from causeway.model.symbol import SYMBOL_WORDS, is_symbol

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
PROVIDERS = ("yahoo", "alphavantage", "iqfeed", "alpaca", "files")
ASSET_CLASSES = click.Choice([one.value for one in AssetClass])
BAR_SIZES = click.Choice(["1s", "5s", "1m", "5m", "15m", "1h", "1d"])
BARS = ("--bars", "--bar-size", "bar_size")  # the option by both of its names


_MIC = re.compile(r"([A-Za-z0-9]{4})?")


class Moment(click.ParamType[str]):
    """``2012-01-03`` (midnight UTC) or ISO 8601 with a zone; handed on in UTC with Z."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write 2012-01-03 or 2012-01-03T14:30:00Z", param, ctx)
        if moment.tzinfo is None:
            if "T" in str(value) or " " in str(value):
                self.fail(f"{value!r} needs a time zone, such as {value}Z", param, ctx)
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Amount(click.ParamType[str]):
    """A positive decimal number, handed on as written."""

    name = "NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not number.is_finite() or number <= 0:
            self.fail(f"{value} must be more than 0", param, ctx)
        return format(number, "f")


class SymbolList(click.ParamType[list[str]]):
    """Symbols with commas between them."""

    name = "A,B,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        if isinstance(value, list):
            return value
        symbols = [name.strip().upper() for name in str(value).split(",") if name.strip()]
        if not symbols:
            self.fail("name at least one symbol", param, ctx)
        if wrong := [name for name in symbols if not is_symbol(name)]:
            self.fail(f"{wrong[0]!r} is no symbol; expected {SYMBOL_WORDS}, with commas between symbols", param, ctx)
        return symbols


class Identifier(click.ParamType[str]):
    """A UUID, handed on in its usual form, which is safe in a path."""

    name = "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(UUID(str(value)))
        except ValueError:
            self.fail(f"{value!r} is no id; one looks like 0b7c1f2e-1111-4222-8333-444455556666", param, ctx)


class Exchange(click.ParamType[str]):
    """A MIC, handed on in upper case; the server knows which there are."""

    name = "MIC"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _MIC.fullmatch(str(value)):
            self.fail(f"{value!r} is no MIC; expected such as XLON. List them: causeway symbols exchanges", param, ctx)
        return str(value).upper()


MOMENT, AMOUNT, SYMBOLS, IDENTIFIER, MIC = Moment(), Amount(), SymbolList(), Identifier(), Exchange()
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")
csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
account_option = click.option(
    "--account", "account_id", type=IDENTIFIER, help="Account id; needed only with more than one account."
)


def currency_named(text: str) -> str:
    """``gbp`` is GBP; ``GBp`` stays, which is pence."""
    return text.upper() if text.islower() else text


def with_client(command: CommandT) -> CommandT:
    """Hand the command a client as its first argument."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        client: Client = click.get_current_context().obj
        return command(client, *arguments, **options)

    return run  # type: ignore[return-value]  # the client is added here
