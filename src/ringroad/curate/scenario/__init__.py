"""What happened on the road: atoms over the vehicle and its tracks, and intervals of time."""
