"""Recorded jams, as pieces: what the musician played, over the chords that it was played on."""
