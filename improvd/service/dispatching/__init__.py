"""Carrying out orders, whichever way they come."""
