"""Transcribed solos as the Weimar Jazz Database has them."""


def weimar_solo(beats: int = 40, signature: str = "4/4") -> dict:
    return {
        "id": "Nobody_Nothing",
        "performer": "Nobody",
        "title": "Nothing",
        "signature": signature,
        "avgtempo": 120,
        "beats": [[b / 2, b // 4 + 1, b % 4 + 1, 4, "C7", "", 1, 36] for b in range(beats)],
        "notes": [
            [b / 2, 0.4, 60 + b % 7, b // 4 + 1, b % 4 + 1, 1, 1, 1, 0, 60] for b in range(beats)
        ],
    }
