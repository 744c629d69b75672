"""Knobs and pedals: MIDI controllers that give orders."""
