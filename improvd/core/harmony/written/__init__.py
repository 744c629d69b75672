"""Bars as they are written, in any notation, and the order in which they are played."""
