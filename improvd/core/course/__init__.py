"""The course's single notes, stepped live: what its values mean, and who picks them."""
