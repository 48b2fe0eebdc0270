"""Reads of accounts, positions, cash and equity, always on behalf of one user."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from causeway.adapters.storage.database import Database, Row
from causeway.errors import InvalidInput, NotFound
from causeway.risk.risk_calculator import SHORT_REQUIREMENT


class PortfolioStore:
    """``queries/portfolio.sql`` as methods. Rows have the columns of the wire shapes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accounts(self, user_id: UUID) -> list[Row]:
        """The user's accounts, oldest first."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all("portfolio_accounts", user_id=user_id)

    def account(self, user_id: UUID, account_id: UUID | None) -> Row:
        """The named account, or the only one where none is named.

        Raises:
            NotFound: the user has no such account.
            InvalidInput: none is named and the user has several.
        """
        return named_account(self.accounts(user_id), account_id)

    def account_summary(self, user_id: UUID, account_id: UUID | None) -> Row:
        """The columns of ``summary``, and under ``account`` the account that is named or the only one.

        Raises:
            NotFound: the user has no such account.
            InvalidInput: none is named and the user has several.
        """
        account = self.account(user_id, account_id)
        return {"account": account, **self.summary(user_id, account["id"])}

    def summary(self, user_id: UUID, account_id: UUID) -> Row:
        """Cash, exposure and P&L; zeros for an account that never traded."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one(
                "portfolio_summary", user_id=user_id, account_id=account_id, short_requirement=SHORT_REQUIREMENT
            )
        assert row is not None  # noqa: S101 -- every part of the query is an aggregate
        return row

    def positions(self, user_id: UUID, account_id: UUID) -> list[Row]:
        """Open positions by symbol."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all("portfolio_positions", user_id=user_id, account_id=account_id)

    def equity(self, user_id: UUID, account_id: UUID, *, limit: int) -> list[Row]:
        """The newest ``limit`` points of the equity curve, oldest first."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all("portfolio_equity", user_id=user_id, account_id=account_id, limit=limit)

    def executions(
        self, user_id: UUID, account_id: UUID, *, limit: int, after: tuple[datetime, str] | None
    ) -> list[Row]:
        """Executions, newest first, below (wall time, execution id) of ``after``."""
        after_time, after_id = after or (None, None)
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all(
                "portfolio_executions",
                user_id=user_id, account_id=account_id, limit=limit, after_time=after_time, after_id=after_id,
            )  # fmt: skip


def named_account(accounts: Sequence[Row], account_id: UUID | None) -> Row:
    """The account of this id, or the only one where there is none.

    Raises:
        NotFound: none of them has the id.
        InvalidInput: no id is given and there are several.
    """
    found = [row for row in accounts if account_id in {None, row["id"]}]
    if not found:
        raise NotFound("you have no such account; GET /v1/portfolio/accounts lists yours")
    if len(found) > 1:
        names = ", ".join(f"{row['name']} ({row['id']})" for row in found)
        raise InvalidInput(f"you have several accounts, name one: {names}", details={"field": "account_id"})
    return found[0]
