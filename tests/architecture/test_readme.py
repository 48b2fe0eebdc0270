"""The README's library example runs as it stands, and its links lead somewhere."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source_files import ROOT

_README = (ROOT / "README.md").read_text(encoding="utf-8")
_LINKS = [link for link in re.findall(r"\]\(([^)#]+)\)", _README) if "://" not in link]


def test_the_five_lines_run_and_find_the_known_links(capsys: pytest.CaptureFixture[str]) -> None:
    lines = re.search(r"```python\n(.*?)```", _README, re.DOTALL)
    assert lines is not None
    exec(lines[1], {})  # the README's own text
    assert "Link(source='K0" in capsys.readouterr().out


@pytest.mark.parametrize("link", _LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    if link.endswith("docs/images/analysis.png") and not (ROOT / link).exists():
        pytest.skip("the picture is not taken yet")
    assert (ROOT / link).exists()
