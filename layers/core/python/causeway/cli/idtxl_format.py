"""An answer in the shape of IDTxl's results, with its settings; numpy is loaded only here."""

from __future__ import annotations

from typing import Any


def idtxl_text(found: Any, details: Any) -> str:
    """JSON with ``settings`` (IDTxl's dict) and ``targets`` (fields of ``ResultsNetworkInference``); processes are
    numbered in the order of ``symbols``, which is added.

    Raises:
        InvalidInput: the question has an option that IDTxl does not; the message names it.
    """
    import json

    from causeway.analysis.idtxl.conversion import export_settings, idtxl_target
    from causeway.analysis.idtxl.results import to_json
    from causeway.analysis.information.inference.results import SourceEstimate, TargetResult
    from causeway.analysis.information.settings import NetworkSettings
    from causeway.model.job import AnalysisSpec

    settings = NetworkSettings.from_spec(AnalysisSpec.from_json(found["spec"]))
    names = ("source", "lag_bars", "te_nats", "p", "coefficient")
    results = [
        TargetResult(
            target=target["target"],
            own_lags=tuple(target["own_lags"]),
            sources=tuple(
                SourceEstimate(lags=tuple(link["lags"]), **{name: link[name] for name in names})
                for link in found["links"]
                if link["target"] == target["target"]
            ),
            te_nats=target["te_nats"],
            omnibus_p=target["omnibus_p"],
            n_rows=found["samples"],
        )
        for target in details["targets"]
    ]
    targets = [idtxl_target(result, found["symbols"], settings) for result in results]
    document = json.loads(to_json(targets, export_settings(settings)))
    return json.dumps({**document, "symbols": found["symbols"]}, indent=2)
