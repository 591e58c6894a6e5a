"""BDD100K's labels."""
