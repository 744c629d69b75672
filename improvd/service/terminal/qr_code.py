"""A link as a QR code in the terminal, for the camera of a telephone."""

# A row of characters shows two rows of modules; light on dark terminals is what cameras read too.
_HALVES = {
    (False, False): "\u2588",
    (False, True): "\u2580",
    (True, False): "\u2584",
    (True, True): " ",
}
_QUIET = 2


def lines(link: str) -> list[str]:
    """The code, drawn with half blocks on a light ground."""
    import segno  # noqa: PLC0415 - only who serves others waits for it

    rows = [
        [bool(dark) for dark in row]
        for row in segno.make_qr(link, error="l").matrix_iter(border=_QUIET)
    ]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
