"""Shapes of answers and of parts of requests, by noun."""
