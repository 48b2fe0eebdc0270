"""A simulated IQConnect: level 1, lookup, administration and derivative bars on four ports of this machine."""

from causeway.simulators.iqfeed.server import IqfeedSimulator, open_simulator

__all__ = ["IqfeedSimulator", "open_simulator"]
