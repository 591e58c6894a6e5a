"""Frames are found: the index that searches use, selections, coverage, what looks alike."""
