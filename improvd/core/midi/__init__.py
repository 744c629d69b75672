"""MIDI messages: how they are taken apart, whose they are, what is down, and our own come back."""
