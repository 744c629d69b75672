"""Orders: what they are, how they are carried out, and how things stand after them."""
