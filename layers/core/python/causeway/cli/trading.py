"""Orders, positions and the account."""

from __future__ import annotations

import uuid
from typing import Any

import click

from causeway.cli.client import Client
from causeway.cli.errors import CommandError
from causeway.cli.output import note, show_json, show_table
from causeway.cli.parameters import AMOUNT, IDENTIFIER, account_option, json_option, with_client

_ORDERS = {
    "id": "ID", "symbol": "SYMBOL", "side": "SIDE", "quantity": "QUANTITY", "order_type": "TYPE",
    "limit_price": "LIMIT",
    "status": "STATUS", "filled_quantity": "FILLED", "average_fill_price": "AVERAGE", "submitted_at": "SUBMITTED",
}  # fmt: skip


@click.group()
def order() -> None:
    """Buy, sell, or cancel an order.

    Example: causeway order buy AAPL 10 --type limit --limit 520.50
    """


def _place(side: str) -> click.Command:
    def run(
        client: Client, symbol: str, quantity: str, order_type: str, limit_price: str | None, time_in_force: str,
        client_order_id: str | None, account_id: str | None, preview: bool, as_json: bool,
    ) -> None:  # fmt: skip
        if (order_type == "limit") != (limit_price is not None):
            raise click.UsageError("--type limit needs --limit PRICE, and --type market takes none")
        body = {
            "client_order_id": client_order_id or f"cli-{uuid.uuid4().hex}", "symbol": symbol.upper(), "side": side,
            "quantity": quantity, "order_type": order_type, "time_in_force": time_in_force, "limit_price": limit_price,
            "account_id": account_id,
        }  # fmt: skip
        if preview:
            _show_preview(client.post("/orders/preview", body), as_json=as_json)
        else:
            _show_placed(client.post("/orders", body), as_json=as_json)

    run.__doc__ = f"""{side.capitalize()} QUANTITY of SYMBOL.

    The order passes the risk checks first; a denied one is stored with its reason and ends with exit code 1. The same
    --client-order-id twice places one order, so a script may safely try again.

    Example: causeway order {side} AAPL 10 --type limit --limit 520.50
    """
    command: Any = with_client(run)
    for decorate in reversed(_PLACE_OPTIONS):
        command = decorate(command)
    return click.command(side)(command)


_PLACE_OPTIONS = (
    click.argument("symbol"),
    click.argument("quantity", type=AMOUNT),
    click.option("--type", "order_type", type=click.Choice(["limit", "market"]), required=True),
    click.option("--limit", "limit_price", type=AMOUNT, help="Limit price, with --type limit."),
    click.option("--tif", "time_in_force", type=click.Choice(["day", "gtc", "ioc"]), default="day", show_default=True,
                 help="How long it stands: the day, until cancelled, or at once or not at all."),
    click.option("--client-order-id", help="Your own id, which makes the order safe to send again."),
    account_option,
    click.option("--preview", is_flag=True, help="Say what would happen; nothing is stored."),
    json_option,
)  # fmt: skip
order.add_command(_place("buy"))
order.add_command(_place("sell"))


@order.command("cancel")
@click.argument("order_id", metavar="ID", type=IDENTIFIER)
@json_option
@with_client
def cancel_order(client: Client, order_id: str, as_json: bool) -> None:
    """Ask for an order to be cancelled; it may still fill before that.

    Example: causeway order cancel 5e1f...
    """
    found = client.post(f"/orders/{order_id}/cancel")
    if as_json:
        show_json(found)
    else:
        note(f"order {order_id}: {found['status']}")


def _show_preview(found: Any, *, as_json: bool) -> None:
    if as_json:
        show_json(found)
    else:
        rows = [check | {"shown": _outcome(check)} for check in found["checks"]]
        show_table({"name": "CHECK", "shown": "", "limit": "LIMIT", "found": "FOUND"}, rows, empty="no check")
        click.echo(
            f"notional {found['notional']}, fee about {found['estimated_fee']}, buying power {found['buying_power']} "
            f"-> {found['buying_power_after']}"
        )
        _warn(found["checks"])
    if not found["allowed"]:
        raise CommandError("this order would be denied", fields=_failures(found["checks"]))


def _show_placed(found: Any, *, as_json: bool) -> None:
    if as_json:
        show_json(found)
    else:
        click.echo(f"{found['id']} {found['status']}")
    if found["status"] == "denied":
        raise CommandError("the order was denied", fields=_failures(found["checks"]))
    _warn(found["checks"])


def _outcome(check: Any) -> str:
    if not check["passed"]:
        return "FAILED"
    return "warning" if check["message"] else "passed"


def _warn(checks: Any) -> None:
    """A check that passed with a message is a warning."""
    for check in checks:
        if check["passed"] and check["message"]:
            note(f"{check['name']}: {check['message']}")


def _failures(checks: Any) -> list[str]:
    return [f"{check['name']}: {check['message']}" for check in checks if not check["passed"]]


@click.command()
@click.option("--status", type=click.Choice(["open", "all"]), default="all", show_default=True)
@click.option("--symbol", help="Only orders of this symbol.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most orders to show.")
@json_option
@with_client
def orders(client: Client, status: str, symbol: str | None, limit: int, as_json: bool) -> None:
    """List your orders, newest first.

    Example: causeway orders --status open
    """
    rows = list(client.pages("/orders", most=limit, status=status, symbol=symbol, limit=min(limit, 200)))
    if as_json:
        show_json(rows)
    else:
        show_table(_ORDERS, rows, empty="no orders")


@click.command()
@account_option
@json_option
@with_client
def positions(client: Client, account_id: str | None, as_json: bool) -> None:
    """List what your account holds, with its profit and loss.

    Example: causeway positions
    """
    rows = client.get("/portfolio/positions", account_id=account_id)
    if as_json:
        show_json(rows)
        return
    columns = {"symbol": "SYMBOL", "quantity": "QUANTITY", "average_cost": "COST", "mark": "MARK",
               "market_value": "VALUE",
               "unrealised_pnl": "UNREALISED", "realised_pnl": "REALISED", "fees": "FEES"}  # fmt: skip
    show_table(columns, rows, empty="no positions")


@click.command()
@account_option
@json_option
@with_client
def portfolio(client: Client, account_id: str | None, as_json: bool) -> None:
    """Show cash, equity, buying power and profit of your account.

    Example: causeway portfolio
    """
    found = client.get("/portfolio/summary", account_id=account_id)
    if as_json:
        show_json(found)
        return
    account = found.pop("account")
    click.echo(f"{account['name']} ({account['broker']}, {account['currency']}, {account['state']})")
    for name, value in found.items():
        shown = f"{value:z.2%}" if isinstance(value, float) else value
        click.echo(f"  {name.replace('_', ' '):<18} {'-' if shown is None else shown}")
