"""What the form of a symbol says of it, and who is heard before it."""

from __future__ import annotations

import pytest

from causeway.market_data.asset_classes import Kind, class_by_form, kind_of, notes_on_new
from causeway.market_data.exchanges import Listing
from causeway.model.instrument import AssetClass


@pytest.mark.parametrize(
    ("symbol", "asset_class"),
    [("EURUSD=X", "fx"), ("jpy=x", "fx"), ("EURUSD", "fx"), ("EUR/USD", "fx"), ("^GSPC", "index"), ("^N225", "index"),
     ("ES=F", "future"), ("GC=F", "future"), ("BTC-USD", "crypto"), ("ETH-EUR", "crypto"), ("BTC/USDT", "crypto"),
     ("AAPL", None), ("VOD.L", None), ("BRK-B", None), ("BRK.B", None), ("BAC-PL", None), ("ABC-WT", None),
     ("GOOGLE", None), ("X", None), ("EUR-USD", None), ("DX-Y.NYB", None), ("RY-PT.TO", None)],
)  # fmt: skip
def test_the_form_of_a_symbol(symbol: str, asset_class: str | None) -> None:
    """Yahoo's forms; share classes, preferred shares and warrants have a hyphen as well."""
    assert class_by_form(symbol) == asset_class


def test_the_user_is_heard_first_then_the_provider_then_the_form() -> None:
    assert kind_of("EURUSD=X", AssetClass.INDEX, AssetClass.ETF) == Kind(AssetClass.INDEX)
    assert kind_of("EURUSD=X", None, AssetClass.ETF) == Kind(AssetClass.ETF)
    assert kind_of("EURUSD=X", None, None) == Kind(AssetClass.FX, by_form=True)
    assert kind_of("AAPL", None, None) == Kind(AssetClass.EQUITY, assumed=True)


def test_what_nobody_said_is_said_with_the_option_that_corrects_it() -> None:
    assumed, by_form = Listing("", "XNYS", assumed=True), "by the form of the symbol"
    fx = notes_on_new(["EURUSD=X", "GBPUSD=X"], kind_of("EURUSD=X"), Listing("", "24/5"))
    command = "correct with: causeway symbols set"
    assert fx == [f"class fx assumed for EURUSD=X, GBPUSD=X {by_form}; {command} EURUSD=X --asset-class CLASS"]
    assert notes_on_new(["^N225"], kind_of("^N225"), assumed) == [
        f"class index assumed for ^N225 {by_form}; {command} ^N225 --asset-class CLASS",
        f"sessions of XNYS assumed for ^N225; {command} ^N225 --exchange MIC",
    ]
    assert notes_on_new(["ABC"], kind_of("ABC"), assumed) == [
        f"sessions of XNYS assumed for ABC; {command} ABC --exchange MIC, or --asset-class CLASS where it is no equity"
    ]
    assert notes_on_new(["ABC"], kind_of("ABC"), Listing("XNYS", "XNYS")) == []
    assert notes_on_new(["EURUSD=X"], kind_of("EURUSD=X", AssetClass.FX), Listing("", "24/5")) == []
