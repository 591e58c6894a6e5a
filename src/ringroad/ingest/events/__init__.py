"""Events of the vehicle itself, found in its signals."""
