"""Monte Carlo studies: do p-values hold what they say? ``python -m bench.studies --list``; results in docs/nulls.md."""
