"""The query language: text to a tree, a tree to frames, and how that went."""
