"""``python -m bench.studies --list``, ``python -m bench.studies NAME [--runs N]``: a JSON line per row."""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module

from bench.studies.study import Study

_MODULES = (
    "uniformity", "autocorrelation", "false_links", "scheme_power", "common_driver", "tails", "tail_shapes", "accuracy",
    "nonlinear", "score_levels", "visible_links",
)  # fmt: skip


def studies() -> dict[str, Study]:
    """Every study by its name."""
    found = [import_module(f"bench.studies.{module}").STUDY for module in _MODULES]
    return {study.name: study for study in found}


def main() -> int:
    """0 when the study ran, 2 for a wrong question."""
    parser = argparse.ArgumentParser(prog="python -m bench.studies", description=__doc__)
    parser.add_argument("name", nargs="?")
    parser.add_argument("--list", action="store_true", help="the studies and what they ask")
    parser.add_argument("--runs", type=int, help="data sets per case")
    options = parser.parse_args()
    known = studies()
    if options.list or options.name not in known:
        for study in known.values():
            print(f"{study.name:<20}{study.question} ({study.default_runs} runs)")
        return 0 if options.list else 2
    study = known[options.name]
    started = time.process_time()
    for row in study.rows(options.runs or study.default_runs):
        print(json.dumps(row), flush=True)
    print(f"{time.process_time() - started:.0f} CPU seconds", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
