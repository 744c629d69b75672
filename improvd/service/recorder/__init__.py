"""The recorder: every jam in a file of its own, and what can be made of it afterwards."""
