"""How models are fitted: the course's settings, and those of learning in general."""

# The course's: windows of so many beats, learned by heart in one batch.
TX = 30
BY_HEART_EPOCHS = 1000

# Learning in general: longer windows, in batches, until it gets no better on what is held out.
GENERAL_TX = 96
GENERAL_EPOCHS = 60
GENERAL_PATIENCE = 4
GENERAL_BATCH = 32
