from __future__ import annotations

import pytest

from tests.fixtures.auth import auth
from tests.fixtures.gateway import Keys

__all__ = ["auth", "keys"]


@pytest.fixture
def keys() -> Keys:
    """A fresh signing pair."""
    return Keys.generate()
