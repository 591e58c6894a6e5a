"""Recordings: taken in, listed, checked, exported, simulated."""
