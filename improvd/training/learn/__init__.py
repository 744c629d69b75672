"""From pieces to weights: the course's network, its values, and how it is fitted."""
