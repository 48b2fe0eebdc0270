"""``make up``: from a bare clone to a running product. Standard library only; runs on the host's Python >= 3.11."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import PYTHON, ensure_environment
from scripts.running import running_at
from scripts.stages import ROOT, run_stage
from scripts.webapp import ensure_webapp


def main() -> None:
    os.chdir(ROOT)
    state = Path(os.environ.get("CAUSEWAY_STATE_DIR", ".causeway"))
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if url := running_at(state):
        print(f"already running at {url}")
        return
    if run_stage("Python environment", lambda: ensure_environment("local")).outcome == "failed":
        raise SystemExit("The Python packages could not be installed. The log is .causeway/logs/install.log.")
    run_stage("web app", ensure_webapp)  # without it the API still starts, and its page says what to run
    os.execv(PYTHON, [str(PYTHON), "-m", "local", "up", *sys.argv[1:]])


if __name__ == "__main__":
    main()
