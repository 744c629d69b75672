"""What was played, for people to read: written music and pictures, a part for each voice."""
