"""improvd: a real-time MIDI improvisation daemon."""

import os

__version__ = "0.1.0"

# Before NumPy is loaded: a step of the model is too small to be shared out among threads, which
# wait for one another for milliseconds, and the bits of the sum depend on how many there are.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
