"""The version of the inference engine."""

ENGINE_VERSION = "te-3"  # raise it whenever any number can change: stored answers are keyed by it
