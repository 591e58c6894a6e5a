"""Recordings come in, are checked, decoded, looked at, thinned, and leave as standard files."""
