"""What a network says, how good that is, and whether it may pass."""
