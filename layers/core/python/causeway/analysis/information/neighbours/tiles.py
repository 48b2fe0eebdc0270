"""Surrogates of x in tiles: sixteen reordered columns side by side, gathered from the orders as they are needed."""

from __future__ import annotations

from causeway.analysis.information.neighbours.compiling import kernel
from causeway.analysis.information.neighbours.lanes import WIDTH


@kernel
def fill_tile(tile, columns, order, orders, n_x, first):
    """Fill ``tile`` (filled rows, n_columns * 16) with x number first, first + 1, ...

    ``columns`` (n_variables, n_rows). x number m begins with variable m // n_surrogates, in order m % n_surrogates.
    Lanes behind the last of ``n_x`` repeat it.
    """
    n_surrogates, n = orders.shape
    n_columns = tile.shape[1] // WIDTH
    for lane in range(WIDTH):
        m = min(first + lane, n_x - 1)
        source, variable = orders[m % n_surrogates], m // n_surrogates
        for c in range(n_columns):
            column = columns[variable + c]
            for place in range(n):
                tile[place, c * WIDTH + lane] = column[source[order[place]]]
