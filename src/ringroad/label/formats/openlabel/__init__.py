"""ASAM OpenLABEL 1.0."""
