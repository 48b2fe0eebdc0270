"""Simulated market data of Alpaca: REST and stream on one port of this machine."""

from causeway.simulators.alpaca.server import AlpacaSimulator, open_simulator

__all__ = ["AlpacaSimulator", "open_simulator"]
