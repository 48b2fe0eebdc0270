"""Guessing passwords gets slow: 5 free failures per e-mail address, 30 per network address, then 1, 2, 4 ... 900 s."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from causeway.adapters.storage.session_store import SessionStore, wait_s
from tests.fixtures.auth import EMAIL, AuthApp, sign_in
from tests.fixtures.databases import Databases


def fail(auth: AuthApp, times: int) -> None:
    for _ in range(times):
        assert sign_in(auth.browser(), "not the password").status == 401


def add_failures(auth: AuthApp, email: str, times: int) -> None:
    """As many failures a moment ago; ten in all cost 32 s, which no slow machine waits through unnoticed."""
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute(
            "INSERT INTO login_attempts (subject) SELECT %s FROM generate_series(1, %s)", [f"email:{email}", times]
        )


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.test"])
def test_after_ten_failures_even_the_right_password_must_wait(auth: AuthApp, email: str) -> None:
    add_failures(auth, email, 10)
    answer = sign_in(auth.browser(), email=email)
    assert (answer.status, answer.error["code"]) == (429, "too_many")
    assert 20 < int(answer.headers["retry-after"]) <= 32


def test_failed_sign_ins_are_what_counts(auth: AuthApp) -> None:
    fail(auth, 5)
    add_failures(auth, EMAIL, 5)
    assert sign_in(auth.browser()).status == 429


def test_a_network_address_is_throttled_whoever_it_tries(auth: AuthApp) -> None:
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute(
            "INSERT INTO login_attempts (subject) SELECT 'address:130.176.0.1' FROM generate_series(1, 36)"
        )
    assert sign_in(auth.browser()).status == 429


def test_after_the_wait_one_more_try_is_let_in(auth: AuthApp) -> None:
    fail(auth, 5)
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE login_attempts SET at = at - interval '2 seconds'")
    assert sign_in(auth.browser()).status == 200


def test_a_success_wipes_the_slate(auth: AuthApp) -> None:
    fail(auth, 4)
    assert sign_in(auth.browser()).status == 200
    fail(auth, 5)


def test_failures_older_than_an_hour_are_forgotten(auth: AuthApp) -> None:
    fail(auth, 5)
    with auth.databases.owner.transaction() as transaction:
        transaction.connection.execute("UPDATE login_attempts SET at = at - interval '61 minutes'")
    fail(auth, 5)


def test_guesses_sent_at_the_same_time_all_count(databases: Databases) -> None:
    store = SessionStore(databases.service)
    with ThreadPoolExecutor(8) as pool:
        waits = [wait for wait, _ in pool.map(lambda _: store.take_attempt({"email:a@b": 5}), range(16))]
    assert sum(wait == 0 for wait in waits) == 5


@pytest.mark.parametrize(
    ("attempts", "since_last_s", "expected"),
    [(4, 0, 0), (5, 0, 1), (6, 0, 2), (9, 0, 16), (9, 10, 6), (9, 17, 0), (15, 0, 900), (10_000, 0, 900)],
)
def test_each_failure_doubles_the_wait(attempts: int, since_last_s: float, expected: float) -> None:
    assert wait_s(attempts, 5, since_last_s) == expected
