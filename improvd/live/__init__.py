"""The loop that a jam lives in, and the world that it waits in: a player's, or a replay's."""
