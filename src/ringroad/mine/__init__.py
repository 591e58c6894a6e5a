"""Decide which frames are worth a label: uncertainty, diversity, cost. Does not search."""
