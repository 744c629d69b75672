"""The pure core: no clock, no thread, no file, no log. NumPy is its only guest."""
