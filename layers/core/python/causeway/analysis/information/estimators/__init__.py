"""Estimators of (conditional) mutual information: one file each, behind one protocol."""
