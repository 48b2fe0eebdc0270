"""Files and functions stay short: a file past 400 lines becomes a package, a function past 50 is taken apart."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

from tests.architecture.source_files import ROOT, python_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
MEDIAN_FILE = 150
MEDIAN_FUNCTION = 10


def _lines(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def _function_lengths(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return [
        (f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_file_is_longer_than_400_lines() -> None:
    assert [f"{path}: {_lines(path)}" for path in python_files() if _lines(path) > LONGEST_FILE] == []


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = [found for path in python_files(tests=False) for found in _function_lengths(path)]
    assert [f"{name}: {length}" for name, length in lengths if length > LONGEST_FUNCTION] == []


def test_most_files_and_functions_are_much_shorter() -> None:
    files = [_lines(path) for path in python_files(tests=False) if path.name != "__init__.py"]
    functions = [length for path in python_files(tests=False) for _, length in _function_lengths(path)]
    assert median(files) < MEDIAN_FILE
    assert median(functions) < MEDIAN_FUNCTION


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [str(path) for path in python_files() if vague & {part.removesuffix(".py") for part in path.parts}] == []
