"""ABC: tunes of its text, read bar by bar, with their chord symbols and the order of parts."""
