"""What is uploaded: Lambda code and layers, container contexts, the web app.

Layers are built by ``scripts/build-layers`` (pip --target, arm64 wheels, no Docker) into ``build/layers``. A synth
without them fails and says so; tests pass stand-ins, because a template does not depend on a layer's content.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from causeway.errors import NotFound

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Assets:
    """Directories, all of which exist."""

    root: Path
    core_layer: Path
    web_layer: Path
    web_app: Path

    @classmethod
    def built(cls) -> Assets:
        """The real ones.

        Raises:
            NotFound: something is not built; the message says what to run.
        """
        assets = cls(ROOT, ROOT / "build/layers/core", ROOT / "build/layers/web", ROOT / "frontend/dist")
        for path, command in (
            (assets.core_layer, "scripts/build-layers"),
            (assets.web_layer, "scripts/build-layers"),
            (assets.web_app, "npm --prefix frontend run build"),
        ):
            if not path.is_dir():
                raise NotFound(f"{path.relative_to(ROOT)} is not built. Run: {command}")
        return assets
