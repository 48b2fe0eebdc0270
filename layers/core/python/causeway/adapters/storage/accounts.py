"""Opening of trading accounts. The database role is causeway_service: users do not give themselves money."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from causeway.adapters.storage.database import Transaction
from causeway.adapters.storage.order_rows import write_audit


def open_paper_account(
    transaction: Transaction, user_id: UUID, *, name: str = "Paper", deposit: Decimal = Decimal(100_000)
) -> UUID:
    """A paper account with its first deposit; the existing one where the user has an account of that name."""
    made = transaction.one("account_open", user_id=user_id, broker="paper", name=name, currency="USD")
    if made is None:
        existing = transaction.one("account_by_name", user_id=user_id, name=name) or {}
        found: UUID = existing["id"]
        return found
    account_id: UUID = made["id"]
    transaction.run(
        "ledger_insert",
        account_id=account_id,
        user_id=user_id,
        kind="deposit",
        amount=deposit,
        reference="opening",
        market_time=None,
    )
    detail = {"name": name, "broker": "paper", "deposit": str(deposit)}
    write_audit(
        transaction, account_id, user_id, actor="system", action="account.open", subject=str(account_id), detail=detail
    )
    return account_id
