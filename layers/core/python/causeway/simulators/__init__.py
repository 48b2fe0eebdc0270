"""Vendors' wires on loopback, so that everything can be tried without an account. Never part of a Lambda layer."""

DEMO_SYMBOLS = ("AAPL", "MSFT", "IBM", "SPY", "BRK.B")
