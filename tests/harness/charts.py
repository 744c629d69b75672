"""Charts as people might write them, drawn."""

from hypothesis import strategies as st

SYMBOLS = ["C", "Dm7", "B♭△7", "F#m7b5", "G7(b9,b13)", "N.C.", "Am7/D", "Fis", "E7#9#5", "/", "%"]
METERS = ["4/4", "3/4", "6/8", "7/8", "5/4", "2/2"]


@st.composite
def texts(draw):
    """Charts of any bars, in any meter, with sections and repeats."""
    bar = st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=2).map(" ".join)
    words = ["Cm", *draw(st.lists(bar, max_size=20))]
    bars = [word for word in words if "/" not in word.split()]
    meter, swing = draw(st.sampled_from(METERS)), draw(st.integers(50, 75))
    lines = [f"| {' | '.join(bars)} |", "[Bridge]", f"|: {' | '.join(bars)} :|x3"]
    title = f"title: Any: {draw(st.sampled_from('AéB'))}"
    return "\n".join([title, f"meter: {meter}", *lines]), swing
