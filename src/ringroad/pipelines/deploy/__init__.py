"""From a network to a plan for a platform, and two networks side by side on recordings."""
