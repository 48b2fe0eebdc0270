"""Passwords are hashed here and nowhere else.

argon2id with 64 MiB, 3 passes and 4 lanes: the second recommended option of RFC 9106 section 4, which fits a small
Lambda. A hash made with other parameters is renewed at the next sign-in.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

from causeway.errors import InvalidInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD = 12


def hash_password(password: str) -> str:
    """The hash of a new password.

    Raises:
        InvalidInput: below 12 characters.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"a password needs at least {SHORTEST_PASSWORD} characters", details={"field": "password"})
    return rehash_password(password)


def rehash_password(password: str) -> str:
    """The hash of a password that was accepted before."""
    return _hasher().hash(password)


def password_matches(stored: str, password: str) -> bool:
    """Whether ``stored`` is a hash of ``password``; false for what is no argon2 hash at all."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether ``stored`` was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def hash_of_nobody() -> str:
    """What an unknown user's password is compared with, so that it costs as much as a known one's."""
    return rehash_password(secrets.token_urlsafe(32))


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, Type

    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID)
