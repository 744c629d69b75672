"""The performance: who plays when, on whose harmony, beat by beat."""
