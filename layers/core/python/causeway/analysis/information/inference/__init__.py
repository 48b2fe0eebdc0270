"""Network inference: which lagged variables inform which target, and how sure that is."""
