"""``python -m bench --list``, ``python -m bench NAME... [--json] [--case PART] [--quick | --full] [--no-peers]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from bench.line import Line
from bench.machine import machine, versions
from bench.peers.client import PeerProcess
from bench.registry import Benchmark, NoPeers, Run, benchmarks
from bench.table import heading, row


def main(arguments: Sequence[str] | None = None, known: Mapping[str, Benchmark] | None = None) -> int:
    """0 when everything that was asked for ran and no goal was missed, 1 when one was, 2 for a wrong question."""
    options = _parser().parse_args(arguments)
    known = benchmarks() if known is None else known
    if options.list:
        for benchmark in known.values():
            print(f"{benchmark.name:<16}{benchmark.claim}")
        return 0
    unknown = [name for name in options.names if name not in {*known, "all"}]
    if unknown or not options.names:
        print(f"Expected one of: all, {', '.join(known)}; found: {', '.join(unknown) or 'nothing'}.", file=sys.stderr)
        return 2
    chosen = list(known.values()) if "all" in options.names else [known[name] for name in options.names]
    missed = False
    with nullcontext(NoPeers()) if options.no_peers else PeerProcess() as peers:
        for benchmark in chosen:
            missed |= _measure(benchmark, Run(peers, options.quick, options.full), options)
    return 1 if missed else 0


def _measure(benchmark: Benchmark, run: Run, options: argparse.Namespace) -> bool:
    """Print the lines of a benchmark as they come; whether one of its goals was missed."""
    missed = False
    if not options.json:
        print(heading(benchmark.name, benchmark.claim), flush=True)
    for case in benchmark.cases():
        if options.case in case.name:
            line = case.measure(run)
            missed |= line.ok is False
            print(_text(line, options.json), flush=True)
    return missed


def _text(line: Line, as_json: bool) -> str:
    return json.dumps(line.as_json(machine(), versions()), ensure_ascii=False) if as_json else row(line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the claims against named peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks, or: all")
    parser.add_argument("--list", action="store_true", help="the benchmarks and their claims")
    parser.add_argument("--json", action="store_true", help="one JSON line per case")
    parser.add_argument("--case", default="", metavar="SUBSTRING", help="only the cases whose name holds this")
    parser.add_argument("--quick", action="store_true", help="fewer turns, smaller parts of the peers' work")
    parser.add_argument("--full", action="store_true", help="the sizes that take many minutes to make")
    parser.add_argument("--no-peers", action="store_true", help="our side alone")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
