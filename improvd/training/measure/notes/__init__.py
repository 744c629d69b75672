"""How well single notes are foreseen by who foresees whole beats."""
