"""Annotations that left in a format and come back."""
