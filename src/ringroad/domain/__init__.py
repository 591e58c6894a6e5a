"""The nouns: one file each, standard library only."""
