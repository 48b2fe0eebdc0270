"""The web app's types come from frontend/openapi.json, which must be what the functions say now."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "frontend/scripts/export_openapi.py"


def test_the_kept_document_is_the_live_one() -> None:
    spec = spec_from_file_location("export_openapi", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    kept = (SCRIPT.parents[1] / "openapi.json").read_text(encoding="utf-8")
    assert script.document() == kept, "run frontend/scripts/export_openapi.py, then npm run generate in frontend/"
