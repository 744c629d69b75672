"""The real-time process: it owns the ports, the clock and the cell, and nothing else."""
