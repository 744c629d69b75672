"""The players, as processes: how they are started, told and ended."""
