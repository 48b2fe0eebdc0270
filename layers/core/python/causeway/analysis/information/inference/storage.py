"""Active information storage: how much a target's own past tells about it, before any other series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from causeway.analysis.information.inference.candidates import Candidates
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.observations import Observations, observe
from causeway.analysis.information.inference.panel import Panel
from causeway.analysis.information.inference.selection import Search, select_past
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.target_tests import tests_of_target
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Autocorrelation


def active_information(
    panel: Panel,
    target_index: int,
    settings: NetworkSettings,
    seed: int,
    *,
    pulse: Callable[[], None] = lambda: None,
    device: str = "cpu",
    observations: Observations | None = None,
) -> tuple[float, float]:
    """I(selected own past; target) in nats, and the p of the target's having any memory of its past.

    The past is selected as in network inference; where none of it is significant, lag 1 counts. p is that of the best
    lag against the best of all lags under the null, as for a link, so that it pays for the choice of the lag.
    Source: Lizier, Prokopenko & Zomaya 2012.

    Raises:
        InvalidInput: too few rows without a hole.
    """
    search = Search(panel.names, target_index, (), (), settings.max_lag, settings.alpha_step)
    stages = Stages(None, pulse)
    seen = observations or observe(panel, settings)
    coarse = replace(
        settings,
        max_link_permutations=settings.n_permutations,  # one p, which no correction divides
        autocorrelation=Autocorrelation.NONE,  # without memory rows are independent, and that is what is tested
    )
    tests, _ = tests_of_target(seen, search, coarse, seed, stages, Journal(), device, 1)
    own = select_past(tests, search, stages)
    everything = Candidates.past((target_index,), settings.max_lag)
    return tests.information(own, ()), tests.link(everything, (), "storage")
