"""Read what vehicles bring home: recognise, index, check. Does not decode pixels for others."""
