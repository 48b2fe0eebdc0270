"""Protocols, one file each, only where two real implementations ship."""
