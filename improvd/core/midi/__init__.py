"""MIDI messages: how they are taken apart, and our own when they come back."""
