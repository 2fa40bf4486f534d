"""The baselines: the least code that does the same work with the same client libraries."""
