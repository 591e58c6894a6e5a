"""How messages are encoded, by the thousand: CDR, ROS 1, protobuf. Knows no type of message."""
