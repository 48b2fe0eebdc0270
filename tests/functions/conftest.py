from tests.fixtures.auth import auth

__all__ = ["auth"]
