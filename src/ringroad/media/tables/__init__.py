"""Files of rows and arrays that others wrote."""
