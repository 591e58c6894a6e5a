"""Where the bytes of recordings lie: in place or copied, and how ranges of them are read."""
