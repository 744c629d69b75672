"""Charts that come with improvd, as .chart files, and the commands that show charts."""
