"""RADIATE's tracks."""
