"""Contract suites and fault injectors, shipped for authors of backends and readers."""
