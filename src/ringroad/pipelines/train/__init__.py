"""From a dataset version to a network: by hand, by the user's own trainer, in studies."""
