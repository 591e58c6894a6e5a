"""H.264 and HEVC, in containers and without: where frames lie, decoding, encoding."""
