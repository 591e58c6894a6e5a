"""Versions of datasets: their rows, names, history, merges, packs and cards."""
