"""Parting hands: what of all that is struck is melody, what bass and what accompaniment."""
