"""Craft: images, video, MCAP and Arrow bytes to arrays and back. Knows no catalog."""
