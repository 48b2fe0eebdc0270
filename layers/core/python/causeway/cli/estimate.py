"""What an analysis will cost and can show, in words."""

from __future__ import annotations

from typing import Any

_LINEAR = ("gaussian", "copula")


def estimate_text(estimate: Any, estimator: str = "gaussian") -> str:
    """Two or three lines: time and money, tests and power, and what stands in the way.

    The power is that of a linear test, which no other estimator reaches on a linear link; it is said so of those.
    """
    bound = "" if estimator in _LINEAR else f" by the gaussian estimator; {estimator} needs a stronger one"
    tests = (
        f"{estimate['targets']} targets, {estimate['samples']} samples, {estimate['tests']:,} tests: a lone link needs "
        f"p <= {estimate['needed_p']:.1e}; a linear one of {estimate['detectable_te_nats']:.4f} nats (partial R2 "
        f"{estimate['detectable_r2']:.1%}) is found with {estimate['power']:.0%} probability{bound}."
    )
    return "\n".join([_cost(estimate), tests, *_obstacles(estimate)])


def _cost(estimate: Any) -> str:
    if estimate["cpu_s"] is None:
        return "Nobody has measured how long this takes: the installed IDTxl, or its decisions, were asked for."
    wall, cpu = seconds_text(estimate["wall_s"]), seconds_text(estimate["cpu_s"])
    price = f"{estimate['aws_usd']:.2f} USD at {estimate['usd_per_vcpu_hour']:g} USD a vCPU-hour"
    return (
        f"About {wall} with {estimate['workers']} workers ({cpu} of CPU, give or take a factor of "
        f"{estimate['spread']:.1f}); on AWS about {price}."
    )


def _obstacles(estimate: Any) -> list[str]:
    found = []
    if not estimate["can_be_significant"]:
        found.append(
            f"No lone link can be significant: surrogates cannot give p below {estimate['reachable_p']:.1e}. "
            "Use --tail fitted, fewer series, or an estimator with exact nulls."
        )
    if estimate["excluded"]:
        found.append(f"Left out for a short history: {', '.join(estimate['excluded'])}.")
    return found


def seconds_text(seconds: float) -> str:
    """``42 s``, ``3 min``, ``2.5 h``."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
