"""The slow process: it starts the player, watches it, and talks to people."""
