"""The line that improvd plays: whose turn it is, which notes, how long and how loud."""
