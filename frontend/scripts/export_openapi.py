"""Writes frontend/openapi.json: the merged document of the functions. Then run ``npm run generate``.

    .venv/bin/python frontend/scripts/export_openapi.py
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

from causeway.web.composition import merged_openapi
from causeway.web.tokens import TokenVerifier

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # functions/ lies beside this directory and is not installed
TARGET = ROOT / "frontend" / "openapi.json"


def document() -> str:
    """The document as it is kept: sorted keys, so that a change shows as a change of what it says."""
    verifier = TokenVerifier("", "http://127.0.0.1:8080")  # no request is served, so nothing is verified
    names = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
    services = SimpleNamespace(limiter=None)  # nothing is served: no service is ever asked
    apps = {name: import_module(f"functions.{name}.app").create_app(services, verifier) for name in names}
    return json.dumps(merged_openapi(apps), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
