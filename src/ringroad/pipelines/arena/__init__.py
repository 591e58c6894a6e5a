"""Strategies of mining against each other at equal label cost."""
