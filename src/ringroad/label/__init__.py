"""Labelling tasks, simulated annotators, consensus, agreement. Does not version datasets."""
