"""Offline learning: the only place of Keras and music21."""
