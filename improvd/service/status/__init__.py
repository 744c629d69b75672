"""How things stand: what was written to be played, and what is playing."""
