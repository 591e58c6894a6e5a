"""Dataset versions: layers of rows, splits, merges, differences. Does not train on them."""
