"""Every setting has a row in docs/operations/settings.md, with its default, and no row is left over."""

from __future__ import annotations

import inspect
import re

import pytest
from pydantic_settings import BaseSettings

from causeway import settings
from tests.architecture.source_files import ROOT, python_files

_ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| ([^|]*) \|", re.MULTILINE)


def _declared() -> dict[str, str]:
    """Environment name to default, as the table writes it."""
    found: dict[str, str] = {}
    for _, kind in inspect.getmembers(settings, inspect.isclass):
        if issubclass(kind, BaseSettings) and kind is not BaseSettings:
            for name, field in kind.model_fields.items():
                env = str(field.validation_alias or f"{kind.model_config.get('env_prefix', '')}{name}".upper())
                required = field.is_required()
                found[env] = "required" if required else f"`{field.default}`" if field.default not in (None, "") else ""
    return found


def _documented(part: int = 0) -> dict[str, str]:
    """Rows of the settings (part 0), or of what is set per process (part 1)."""
    text = (ROOT / "docs/operations/settings.md").read_text(encoding="utf-8")
    return {name: default.strip() for name, default in _ROW.findall(text.split("## Set per process")[part])}


def test_every_setting_is_documented_with_its_default() -> None:
    assert _documented() == _declared()


@pytest.mark.parametrize("path", [str(path) for path in python_files(tests=False)])
def test_the_environment_is_read_through_settings(path: str) -> None:
    """Names that start with CAUSEWAY_ and stand in code are settings, so a misspelt one cannot hide."""
    used = set(re.findall(r"\"(CAUSEWAY_[A-Z0-9_]+[A-Z0-9])\"", (ROOT / path).read_text(encoding="utf-8")))
    assert used - set(_declared()) - set(_documented(1)) == set()
