"""Describe frames, search them, keep selections. Does not decide what is worth a label."""
