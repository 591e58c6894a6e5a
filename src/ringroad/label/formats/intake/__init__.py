"""What readers find becomes rows: checked, counted, without trust."""
