"""MIDI messages: how they are read, and our own when they come back."""
