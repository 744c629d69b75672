"""Chord symbols of every kind, over every root, some over a bass, drawn by hypothesis."""

from hypothesis import strategies as st

SUFFIXES = (
    "|maj7|6|69|maj9|maj7#11|7|9|13|7b9|7#9|7#11|7b13|7alt|13b9|7b5|9b5|m|m7|m6|m9|m11|mMaj7|m7b5"
    "|dim|dim7|+|+7|maj7#5|sus4|7sus4|13sus4|sus2|7sus4(b9)|5|add9|madd9|(b9)|(#11)|Δ7|°7|ø7|-7|^7"
    "|2|h7|7(b9,b13)|dim(maj7)|7(no5)"
)
SYMBOLS = st.builds(
    lambda root, suffix, bass: root + suffix + bass,
    st.sampled_from(["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B", "C#", "Gb"]),
    st.sampled_from(SUFFIXES.split("|")),
    st.sampled_from(["", "", "", "/G", "/Bb", "/F#"]),
)
