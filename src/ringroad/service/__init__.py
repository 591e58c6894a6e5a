"""The HTTP front door: what the command line does, for programs and for the web."""
