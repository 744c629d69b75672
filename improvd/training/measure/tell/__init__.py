"""How well a classifier tells what is played from real solos, and by what."""
