"""Chord symbols, the scales and ladders that they ask for, and charts of them."""
