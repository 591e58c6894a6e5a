"""Dataset versions: manifest, split, parents, diff. Does not train on them."""
