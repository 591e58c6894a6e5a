"""Orders, turns, answers, tracks, quality, and the files and tools that annotations come from."""
