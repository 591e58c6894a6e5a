"""Ringroad: open deep-learning infrastructure for self-driving, one loop from recording to network."""

__version__ = "0.1.0"
