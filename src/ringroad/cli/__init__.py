"""The terminal's front door: one file per command, none imported by --help."""
