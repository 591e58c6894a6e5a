"""Services and swappable engines behind the protocols. Only app.py chooses among them."""
