"""Links as iReal Pro makes them, from music of our own."""

from urllib.parse import quote

from improvd.core.harmony.ireal.links import unshuffled


def tune(music: str, title: str = "Ours", style: str = "Medium Swing", tempo: int = 0) -> str:
    """The fields of a tune; shuffling twice puts everything back."""
    shuffled = "1r34LbKcu7" + unshuffled(music)
    return f"{title}=Nobody Known==={style}=C=".replace("===", "==") + f"={shuffled}=={tempo}=3"


def link(*tunes: str, name: str = "") -> str:
    """A link of one tune, or a list of a name."""
    body = "===".join([*tunes, *([name] if name else [])])
    return f"irealb://{quote(body)}"


def old_link(music: str, title: str = "Ours") -> str:
    return f"irealbook://{quote(f'{title}=Known Nobody=Bossa Nova=G=n={music}')}"
