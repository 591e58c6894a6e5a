"""Frames: searched, selected, tagged, covered."""
