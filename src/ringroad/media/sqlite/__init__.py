"""SQLite databases read by their pages, without running any SQL."""
