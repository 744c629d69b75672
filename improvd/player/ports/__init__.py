"""MIDI ports: found by name, opened, joined, and taken again when they return."""
