"""Training runs and studies."""
