"""What a person can order: one table that every way to give an order reads, and the answers."""
