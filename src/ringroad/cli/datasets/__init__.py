"""Dataset versions."""
