"""The loop as prose: the only place where stages meet."""
