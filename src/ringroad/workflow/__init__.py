"""Steps, keys, leases, runner, lineage. Knows no stage."""
