"""Craft: networks, their decoding to boxes, embeddings, checkpoints. Knows no catalog."""
