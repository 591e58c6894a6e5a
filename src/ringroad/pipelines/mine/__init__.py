"""Which frames are worth a label; tags and embeddings by networks."""
