"""Nearest-neighbour search and counting: the kernels of the KSG estimators."""
