"""Wire shapes of /v1/analysis."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from causeway.web.wire import Moment, Wire

NO_NUL = r"^[^\x00]*$"  # PostgreSQL has no text with a NUL character
JobStateName = Literal["queued", "running", "succeeded", "failed", "cancelled"]
StageName = Literal["validate", "prepare", "shards", "aggregate", "signals", "evaluation", "store"]


EstimatorName = Literal["gaussian", "copula", "ksg", "discrete", "ordinal"]


class Inference(Wire):
    """How the network is inferred; see causeway.model.inference.InferenceOptions for the meaning of each field."""

    mode: Literal["multivariate-te", "bivariate-te", "multivariate-mi", "bivariate-mi"] = "multivariate-te"
    transform: Literal["none", "rank"] = "none"
    k: int = Field(default=4, ge=1, le=100)
    ksg_algorithm: Literal[1, 2] = 1
    theiler_bars: int = Field(default=0, ge=0, le=10_000)
    n_bins: int = Field(default=3, ge=2, le=100)
    ordinal_order: int = Field(default=3, ge=2, le=7)
    surrogates: Literal["auto", "block", "permutation", "circular", "local", "volatility"] = "auto"
    block_bars: int | None = Field(default=None, ge=0)
    tail: Literal["counted", "fitted"] = "fitted"
    autocorrelation: Literal["bartlett", "none"] = "bartlett"
    correction: Literal["by", "bh"] = "by"
    correct_over: Literal["links", "targets"] = "links"
    condition_on: list[Annotated[str, Field(max_length=64, pattern=NO_NUL)]] = Field(default=[], max_length=20)
    missing: Literal["drop", "mask"] = "drop"
    stability_runs: int | None = Field(default=None, ge=0, le=1000)
    window_bars: int | None = Field(default=None, ge=40)
    step_bars: int | None = Field(default=None, ge=1)
    engine: Literal["causeway", "idtxl", "idtxl-jidt"] = "causeway"
    compat: Literal["", "idtxl"] = ""


class Spec(Wire):
    """A stored question. It was checked when it was asked, so that a later, tighter check cannot hide old answers."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    symbols: list[str]
    measure: Literal["returns", "log-volatility"]
    estimator: EstimatorName
    bar_size: Literal["1s", "5s", "1m", "5m", "15m", "1h", "1d"]
    start: str
    train_end: str
    end: str
    max_lag: int
    horizon: int
    alpha: float
    n_permutations: int
    seed: int
    cost_bps: float
    inference: Inference = Inference()


class SpecRequest(Wire):
    """The question as it is asked; see causeway.model.job.AnalysisSpec for the meaning of each field."""

    symbols: list[Annotated[str, Field(max_length=64, pattern=NO_NUL)]] = Field(min_length=2, max_length=500)
    measure: Literal["returns", "log-volatility"]
    estimator: EstimatorName
    bar_size: Literal["1s", "5s", "1m", "5m", "15m", "1h", "1d"] = "1d"
    start: Moment
    train_end: Moment
    end: Moment
    max_lag: int = Field(default=5, ge=1, le=50)
    horizon: int = Field(default=1, ge=1, le=50)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    n_permutations: int = Field(default=200, ge=20, le=10_000)
    seed: int = Field(default=1, ge=0, lt=2**31)
    cost_bps: float = Field(default=5.0, ge=0, le=1000)
    inference: Inference = Inference()


class SubmitRequest(Wire):
    name: str = Field(default="", max_length=120, pattern=NO_NUL)
    spec: SpecRequest


class JobError(Wire):
    code: str
    message: str
    stage: StageName


class Job(Wire):
    """``progress`` runs from 0 to 1 over all stages; ``eta_s`` is null until it can be estimated."""

    id: UUID
    name: str
    spec: Spec
    state: JobStateName
    stage: StageName
    progress: float
    message: str
    eta_s: float | None
    result_id: str | None
    error: JobError | None
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class FoundLink(Wire):
    """A directed link. ``significant`` means q < alpha."""

    source: str
    target: str
    lag_bars: int
    lags: list[int]
    te_nats: float
    p: float
    q: float
    coefficient: float | None
    significant: bool


class Link(FoundLink):
    """A directed link. ``significant`` means q < alpha; the last four are null in answers without details."""

    stability_time: float | None = None
    stability_assets: float | None = None
    linear_share: float | None = None
    effective_lag: float | None = None


class ExcludedSymbol(Wire):
    symbol: str
    reason: str


class Interval(Wire):
    low: float
    high: float


class EquityPoint(Wire):
    """Growth of one unit of capital; ``benchmark`` holds equal weights of the same symbols."""

    time: Moment
    strategy: float
    benchmark: float
    drawdown: float


class Evaluation(Wire):
    """Out-of-sample evaluation after costs. Ratios are annualised, returns are fractions.

    ``verdict`` is one of: no_links (nothing significant, nothing traded), not_distinguishable (the interval of
    the Sharpe ratio holds zero), distinguishable. ``tradable`` is false with no_links.
    """

    verdict: Literal["no_links", "not_distinguishable", "distinguishable"]
    tradable: bool
    start: Moment
    end: Moment
    embargo_bars: int
    bars: int
    total_return: float
    annual_return: float
    annual_volatility: float
    sharpe: float | None
    sharpe_standard_error: float | None
    sharpe_interval_95: Interval | None
    probabilistic_sharpe: float | None
    max_drawdown: float
    turnover_per_bar: float
    cost_bps: float
    total_cost: float
    benchmark_total_return: float
    benchmark_sharpe: float | None
    forecast_r2: dict[str, float]
    equity: list[EquityPoint]


class TruthLink(Wire):
    source: str
    target: str
    lag_bars: int


class SignalWeight(Wire):
    """The signal's last wish: fraction of capital to hold in ``symbol`` as known at ``time``."""

    symbol: str
    weight: float
    forecast: float
    time: Moment


class Result(Wire):
    """A stored answer. ``links`` holds every link that the inference kept; filter by q.

    ``truth`` is set for the known market.
    """

    job_id: UUID
    result_id: str
    spec: Spec
    seed: int
    data_hash: str
    code_version: str
    engine_version: str
    created_at: Moment
    processing_time_ms: int
    symbols: list[str]
    excluded: list[ExcludedSymbol]
    samples: int
    links: list[Link]
    targets_tested: int
    evaluation: Evaluation
    signal: list[SignalWeight]
    warnings: list[str]
    truth: list[TruthLink] | None
