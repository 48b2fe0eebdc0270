"""The rungs of the cache ladder; ``cache_manager`` puts them together."""
