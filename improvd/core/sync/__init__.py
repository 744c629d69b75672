"""Whose time it is: a master's clock followed, our own led, and the transport between.

`transport` hears Start, Stop, Continue, Song Position and the ticks, and says where it stands, and
in what time. What ticks mean it is told by `follower`, and that by the modules of `clock`, where a
picture shows how they become a tempo. `leader` is the other direction: the clock that we send.
"""
