# %% [markdown]
# # Which series drive which: a first network
#
# Run it whole (`python examples/first_network.py`) or cell by cell in an editor that knows `# %%` cells.
# It needs the installed package and pandas, no server and no data: the market is made here, so that the truth is known.

# %%
from __future__ import annotations

import pandas as pd

from causeway import NetworkSettings, describe_network, infer_network, known_market, rolling_networks

market = known_market(seed=0)
returns = pd.DataFrame(market.log_returns, columns=list(market.symbols))
print(returns.describe().loc[["count", "mean", "std"]].round(4))

# %% [markdown]
# ## Who drives whom
#
# Each link is told with its lag, its transfer entropy in nats, and q: p corrected over all candidate links.

# %%
network = infer_network(returns, max_lag=5, estimator="gaussian", seed=1)
print(network)

# %% [markdown]
# ## Against the truth
#
# The known market says which links were put in. One of them is non-linear: the Gaussian estimator cannot see it.

# %%
truth = {(link.source, link.target, link.lag_bars) for link in market.links}
found = {(link.source, link.target, link.lag_bars) for link in network.links}
print(f"{len(truth & found)} of {len(truth)} true links found, {len(found - truth)} false")
print("missed:", sorted(truth - found))

# %% [markdown]
# ## The same with shuffled bars
#
# A habit worth having: break the timing and look again. Anything that is still found is a fault of the method.

# %%
shuffled = returns.sample(frac=1.0, random_state=7).reset_index(drop=True)
print(infer_network(shuffled, max_lag=5, estimator="gaussian", seed=1))

# %% [markdown]
# ## How far to trust a link
#
# Each link is looked for again on random halves of the time and beside random halves of the other series. And for each
# target: the weakest link that this sample could have shown. Below that, "no link" says nothing.

# %%
for target, detail in describe_network(returns, network).items():
    for link in detail.links:
        again = f"{link.stability_time:.0%} of halves of time, {link.stability_assets:.0%} of halves of the assets"
        sign = "+" if link.linear_coefficient > 0 else "-"
        print(f"{link.source} -> {target}: again in {again}; lag {link.lag_interval}; sign {sign}")
weakest = max(detail.power.detectable_r2 for detail in describe_network(returns, network, runs=0).values())
print(f"links that explain less than {weakest:.1%} of a series' variance could not be seen")

# %% [markdown]
# ## Does it hold over time?
#
# The same inference in windows of 500 bars, corrected over all windows together.

# %%
for window in rolling_networks(returns, NetworkSettings(max_lag=5), window_bars=500, step_bars=500):
    significant = [f"{link.source} -> {link.target}" for link in window.links if link.q < 0.05]
    print(f"bars {window.start:4}-{window.end:4}: links {', '.join(significant) or 'none'}")
