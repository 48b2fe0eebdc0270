"""Lines for people: aligned columns, one line per case, the note below it."""

from __future__ import annotations

from bench.line import Line

_WIDTHS = (46, 10, 10, 10, 10, 9)
_HEADS = ("case", "ours", "ours CPU", "peer", "peer CPU", "ratio")
_WORDS = {True: "reached", False: "MISSED", None: "-"}


def heading(name: str, claim: str) -> str:
    columns = "".join(f"{head:<{width}}" for head, width in zip(_HEADS, _WIDTHS, strict=True))
    return f"{name}: {claim}\n{columns}goal"


def row(line: Line) -> str:
    """The line's numbers, and what was measured besides."""
    ours, peer = line.ours, line.peer_time
    cells = (
        line.case,
        seconds(ours.wall_s if ours else None),
        seconds(ours.cpu_s if ours else None),
        seconds(peer.wall_s if peer else None),
        seconds(peer.cpu_s if peer else None),
        "-" if line.ratio is None else f"{line.ratio:.3g}x",
    )
    columns = "".join(f"{cell:<{width - 1}} " for cell, width in zip(cells, _WIDTHS, strict=True))
    goal = f"{_WORDS[line.ok]}: {'; '.join(map(str, line.goals))}" if line.goals else "-"
    extra = ", ".join(f"{name} {value:.4g}" for name, value in line.measured.items() if value is not None)
    below = "".join(f"\n    {text}" for text in (extra, line.note) if text)
    return f"{columns}{goal}{below}"


def seconds(value: float | None) -> str:
    """Three digits with a unit that fits."""
    if value is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} us"
