"""The door: where the page is served, and who is let in."""
