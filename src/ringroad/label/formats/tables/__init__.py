"""Formats that hold all rows and columns: Parquet, and tar shards."""
