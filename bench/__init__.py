"""Benchmarks: one command per claim, each against a named peer in the same run. ``python -m bench --list``."""
