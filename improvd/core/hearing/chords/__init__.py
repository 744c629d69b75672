"""Hearing chords: what the musician comps, beat by beat, with a chart or without one."""
