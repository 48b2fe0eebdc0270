# %% [markdown]
# # Which series drive which: a first network
#
# Run it whole (`python examples/first_network.py`) or cell by cell in an editor that knows `# %%` cells.
# It needs the installed package and pandas, no server and no data: the market is made here, so that the truth is known.

# %%
from __future__ import annotations

import pandas as pd

from causeway import infer_network, known_market

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
