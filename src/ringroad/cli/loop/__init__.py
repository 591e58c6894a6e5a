"""The whole loop: on synthetic recordings, and on one's own."""
