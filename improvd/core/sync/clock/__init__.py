"""How the ticks of a clock become a number, a time and a tempo.

From the outside in; each is a module, and knows nothing of those outside it:

    ticks, each with its stamp in ns
      |
      v
    follower   whose ticks are these, and how do they come?
      |
      +-- lookout, two_clocks        another clock's beside it, or the same one's over other cables?
      +-- lump_period, recurrence    one by one, or as a driver hands them over, in lumps?
      |
      +--> even, one by one          kalman: noise around a mean is averaged out
      |                              recount: after a jump, two lines tell what each tick was
      |
      +--> lumps                     bounds: a tick left no later than it came, and no earlier than
      |                              a period before that; the estimate is in the middle of what is
      |                              left
      |                              lost_ticks: what bounds do not allow came after a lost tick, or
      v                              the tempo is another
    number, time and period of the latest tick; 24 to the beat

A tick's number is not told by the time that has passed: ticks are counted, and those that are
lost, doubled, held up, another clock's or of another tempo are told apart, so that after hours the
beat is still where the master has it. Where the count may have gone wrong for a while (a jump, a
second clock not seen at once, lumps taken for an even clock) it is put right once more is known.

The formulas: Kalman (1960) for the filter of phase and period; Page (1954), the CUSUM, for when a
tempo has changed; Schweppe (1968), set-membership estimation, for bounds, which are cut by the
algorithm of Sutherland and Hodgman (1974). `bench/following.py` has the measurements.
"""
