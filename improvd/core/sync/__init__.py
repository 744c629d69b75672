r"""Whose time it is: a master's clock followed, our own led, and the transport between.

How the ticks of a clock become a tempo, a phase and a place in the song, from the outside in; each
box is a module, and knows nothing of those outside it:

    Start, Stop, position ----> transport ----------> TransportState: standing, timeline
    ticks, each with its stamp     |  (song_position)    24 ticks to the beat, 20 pulses to the tick
                                   v
                               follower: whose ticks are these, and how do they come?
            two_clocks <-------/   |   \-------> lump_period, recurrence
     one clock's, or another's     |             one by one, or as a driver hands them over
     beside it: the sieve          |
                          +--------+----------+
                          v                   v
                  even: one by one      batches: in lumps
                  kalman: noise         bounds: a tick left no later than it came, and no
                  around a mean         earlier than a period before; what is left is a polygon
                  recount: after        lost_ticks: what is not possible was preceded by a
                  a jump                lost one, or the tempo is another
                          |                   |
                          +---------+---------+
                                    v
                    number, time and period of the latest tick

The number of a tick is never guessed from time alone: ticks are counted, and what is lost, doubled,
held up, another clock's or another tempo's is told apart, so that a beat is where the master has it
after hours. Where the count may have gone wrong meanwhile (a jump, an unseen second clock, lumps
taken for an even clock) it is put right once more is known.

`leader` is the other direction, the clock that we send, and needs none of this.
"""
