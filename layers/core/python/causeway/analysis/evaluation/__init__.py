"""Statistics of a strategy's returns: what was earned after costs, and how sure one can be of it."""
