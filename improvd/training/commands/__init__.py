"""The commands of learning. What they run is imported when they run."""
