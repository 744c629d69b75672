"""How a model plays, in figures, beside real solos."""
