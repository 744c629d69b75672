"""A voice as it is played: its notes, their lengths and loudness, and what is due when."""
