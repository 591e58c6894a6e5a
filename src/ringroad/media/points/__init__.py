"""Points of lidar and radar sweeps."""
