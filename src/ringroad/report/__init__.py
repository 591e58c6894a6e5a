"""Self-contained HTML pages and plots from plain values. Knows no stage."""
