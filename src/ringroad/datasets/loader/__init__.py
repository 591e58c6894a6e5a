"""Packed dataset versions, and a ring of threads that decodes them into batches."""
