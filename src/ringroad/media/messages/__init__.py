"""What messages say, by the types that are known: Foxglove, ROS 1 and ROS 2."""
