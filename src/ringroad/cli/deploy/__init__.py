"""Models and their plans."""
