"""What the loop found, as a page."""
