"""Craft: figures from arrays. Average precision, intervals, agreement."""
