"""One file per benchmark; each offers ``BENCHMARK``."""
