"""What each voice of a band plays, measured: of what is generated, recorded, or in a file."""
