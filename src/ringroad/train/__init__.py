"""Fit a network to a dataset version, or call the user's own trainer. Does not evaluate."""
