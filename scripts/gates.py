"""``make test`` and ``make check``: every gate as a named stage with its time. Standard library only.

A failure of any stage fails the whole, after the other stages have run. The last line counts tests, with every
stage that is not a test run counted as one.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import VENV, ensure_environment
from scripts.stages import ROOT, Failed, Skip, StageResult, command, run_stage
from scripts.webapp import FRONTEND, ensure_webapp, npm

_BIN = VENV / "bin"
_LOGS = ROOT / ".causeway" / "logs"
_REPORTS = ROOT / ".causeway" / "reports"
Gate = tuple[str, Callable[[], str | None]]


def environment() -> str:
    return ensure_environment("dev")


def torch_without_cuda() -> str:
    """For the tests of the GPU kernels; by pip, which knows where else than on PyPI its user keeps wheels."""
    lock = ROOT / "requirements" / "torch-cpu.lock"
    install = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-compile"]
    try:
        command([_BIN / "python", *install, "--require-hashes", "-r", lock], log=_LOGS / "torch.log")
    except Failed as reason:
        raise Skip("no wheel of torch without CUDA where pip looks; the tests that want it skip") from reason
    return "present"


def debian_packages() -> str:
    """Chromium for the browser tests and Debian's PostgreSQL for the second database version."""
    missing = [name for name, present in (("chromium", _chromium()), ("postgresql", _postgresql())) if not present]
    if not missing:
        return "present"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Skip(f"{' and '.join(missing)} not installed, and only root on Debian or Ubuntu can install them here")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command(["apt-get", "update", "-qq"], env=env, log=_LOGS / "apt.log")
    options = ["-o", "Dpkg::Use-Pty=0", "--no-install-recommends", "-y", "-qq"]
    command(["apt-get", "install", *options, *missing], env=env, log=_LOGS / "apt.log")
    return f"installed {' and '.join(missing)}"


def lint() -> None:
    command([_BIN / "ruff", "check", "."])


def formatting() -> None:
    command([_BIN / "ruff", "format", "--check", "."])


def types() -> None:
    command([_BIN / "mypy"], log=_LOGS / "mypy.log")


def quick_tests() -> str:
    return _pytest("quick", "tests/unit", "tests/architecture", "tests/answers", "-m", "not slow")


def python_tests() -> str:
    share = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"]  # groups and their order: tests/sharing.py
    return _pytest("python", "tests", "--ignore=tests/e2e", *share)


def browser_tests() -> str:
    return _pytest("browser", "tests/e2e", "-m", "e2e")


def node_packages() -> None:
    _npm("ci", "--no-audit", "--no-fund")


def kernels() -> None:
    """Numba's kernels, once for all test processes."""
    command([_BIN / "python", "-m", "tests.fixtures.kernels"], log=_LOGS / "kernels.log")


def deployment_tools() -> None:
    """The validator of the state language, for tests/infra."""
    npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", log=_LOGS / "npm.log", folder=ROOT / "infra")


def timescale_packages() -> None:
    """A TimescaleDB in WebAssembly, for tests/timescale; they skip without it."""
    npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", log=_LOGS / "npm.log", folder=ROOT / "tests" / "timescale")


def web_types() -> None:
    _npm("run", "typecheck")


def web_lint() -> None:
    _npm("run", "lint")


def web_tests() -> None:
    _npm("test")


_ENVIRONMENT: Gate = ("Python environment", environment)
_STYLE: list[Gate] = [("lint (ruff)", lint), ("format (ruff)", formatting)]
_TYPES: Gate = ("types (mypy)", types)
_WEB: list[Gate] = [
    ("web app: packages (npm ci)", node_packages),
    ("web app: types (tsc)", web_types),
    ("web app: lint (eslint)", web_lint),
    ("web app: tests (vitest)", web_tests),
    ("web app: build (vite)", ensure_webapp),
    ("deployment: packages (npm ci)", deployment_tools),
    ("TimescaleDB for the tests (npm ci)", timescale_packages),
]
# A plan is steps in order; a step is lanes that run beside one another; a lane is gates in order.
Plan = list[list[list[Gate]]]
_CHECK: Plan = [[_STYLE], [[_TYPES], [("quick tests (pytest)", quick_tests)]]]
_TEST: Plan = [
    [[("Debian packages", debian_packages), ("torch for the tests (pip)", torch_without_cuda), *_STYLE]],
    [[_TYPES, ("kernels (numba)", kernels)], [*_WEB, ("browser tests (pytest, Chromium)", browser_tests)]],
    [[("tests (pytest)", python_tests)]],
]


def main(which: str) -> int:
    """Run the gates; 0 when all passed."""
    os.chdir(ROOT)
    # Hundreds of interpreters start here; compiling every module in each takes longer than the tests.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    shutil.rmtree(_REPORTS, ignore_errors=True)
    _REPORTS.mkdir(parents=True)
    results = [run_stage(*_ENVIRONMENT)]
    if results[0].outcome != "failed":
        for step in {"check": _CHECK, "test": _TEST}[which]:
            results.extend(_beside_one_another(step))
    return _summary(results, time.monotonic() - started)


def _beside_one_another(lanes: list[list[Gate]]) -> list[StageResult]:
    with ThreadPoolExecutor(len(lanes)) as pool:
        done = pool.map(lambda lane: [run_stage(name, work) for name, work in lane], lanes)
        return [result for lane in done for result in lane]


def _summary(results: list[StageResult], seconds: float) -> int:
    print("\nStages")
    for result in results:
        note = f"  ({result.note})" if result.note else ""
        print(f"  {result.seconds:7.1f} s  {result.outcome:7}  {result.name}{note}")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for result in results:
        if "(pytest" not in result.name:
            counts[result.outcome] += 1
    for outcome, number in _counted_tests().items():
        counts[outcome] += number
    failed_stages = [result.name for result in results if result.outcome == "failed"]
    if failed_stages:
        counts["failed"] = max(counts["failed"], len(failed_stages))
        print(f"\nFailed: {', '.join(failed_stages)}")
    print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped in {seconds:.1f} s")
    return 1 if failed_stages else 0


def _counted_tests() -> dict[str, int]:
    """Outcomes of the single tests, from the reports that pytest wrote."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for report in _REPORTS.glob("*.xml"):
        for suite in ElementTree.parse(report).iter("testsuite"):
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            counts["failed"] += failed
            counts["skipped"] += skipped
            counts["passed"] += int(suite.get("tests", 0)) - failed - skipped
    return counts


def _pytest(report: str, *arguments: str) -> str:
    command([_BIN / "python", "-m", "pytest", "-q", f"--junitxml={_REPORTS / report}.xml", *arguments])
    suite = next(ElementTree.parse(_REPORTS / f"{report}.xml").iter("testsuite"))
    return f"{suite.get('tests')} tests, {suite.get('skipped')} skipped"


def _npm(*arguments: str) -> None:
    if not (FRONTEND / "package.json").exists():
        raise Skip("no frontend directory in this checkout")
    npm(*arguments, log=_LOGS / "npm.log")


def _chromium() -> bool:
    named = os.environ.get("CHROMIUM", "chromium")
    return any(shutil.which(name) for name in (named, "chromium-browser", "google-chrome"))


def _postgresql() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1]))
    except Failed as reason:
        raise SystemExit(str(reason)) from reason
