"""Exports on their way to files: parts, names, places."""
