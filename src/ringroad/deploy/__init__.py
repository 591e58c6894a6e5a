"""Networks to plans: export, build, verify, parity, latency. Does not train."""
