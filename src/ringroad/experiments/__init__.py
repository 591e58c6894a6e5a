"""Names of models and datasets over their versions. Does not train."""
