"""Whose time it is: a master's clock followed, our own led, and the transport between."""
