"""How far to trust a link: stability, lags, linearity, power, local values, rolling windows."""
