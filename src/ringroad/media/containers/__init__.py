"""Files that hold messages: their channels, and where each message lies."""
