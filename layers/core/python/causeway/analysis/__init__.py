"""Analysis engines and the evaluation of what they find. Import from the modules: each loads what it needs."""
