from __future__ import annotations

import importlib.util
import sys
import types
import warnings
from typing import Any

import pytest

from causeway.analysis.idtxl import installation
from causeway.errors import InvalidInput


def test_where_idtxl_is_missing_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match=r'pip install "causeway\[idtxl\]"') as missing:
        installation.require_idtxl()
    assert missing.value.details == {"missing": "idtxl"}
    with pytest.raises(InvalidInput):
        installation.install()


def test_where_java_is_missing_the_message_names_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    class JVMNotFoundException(ValueError):
        pass

    def no_java() -> str:
        raise JVMNotFoundException("none")

    fake: Any = types.ModuleType("jpype")
    fake.JVMNotFoundException, fake.getDefaultJVMPath = JVMNotFoundException, no_java
    monkeypatch.setattr(installation, "find_spec", lambda name: importlib.util.find_spec("json"))
    monkeypatch.setitem(sys.modules, "jpype", fake)
    with pytest.raises(InvalidInput, match=r"JAVA_HOME.*CausewayKraskovCMI"):
        installation.require_java()


def test_what_idtxl_prints_and_filters_stays_inside(capsys: pytest.CaptureFixture[str]) -> None:
    before = list(warnings.filters)
    with installation.quiet():
        print("a step")
        warnings.simplefilter("ignore")
    assert capsys.readouterr().out == ""
    assert list(warnings.filters) == before
