"""Collection campaigns: what a vehicle records on, and what that would have kept."""
