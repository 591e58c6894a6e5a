"""Frames that are worth a label, and strategies against each other."""
