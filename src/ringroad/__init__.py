"""Ringroad: open deep-learning infrastructure for self-driving."""

__version__ = "0.1.0"
