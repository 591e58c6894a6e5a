"""What networks say of frames, how good that is, and whether a gate lets them through."""
