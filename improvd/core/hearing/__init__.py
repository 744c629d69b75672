"""What the musician does, read as beats."""
