"""Music in every format, read as pieces: a melody, and a chord for each of its beats."""
