"""Alpaca's market data: REST for history, a msgpack stream for what happens now."""

NAME = "alpaca"
