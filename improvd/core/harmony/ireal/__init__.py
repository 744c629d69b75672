"""Charts of iReal Pro: its links and exported files, read as charts of our own."""
