"""The band as a page shows it: who could play, who does, and how each is set."""

from typing import Any

from improvd.config import Config
from improvd.core.band.lineup import VOICES
from improvd.service.status.status import Status


def lineup(status: Status, config: Config) -> dict[str, Any]:
    """What there is to steer of the band.

    `voices` are objects of `name`, `on` (whether it plays, or will from the next bar line on),
    `aloud` (whether it is heard), `level` and `channel` (from 0). `feel_set` is the feel that is
    asked for, `auto` where the chart decides.
    """
    playing = {
        v.name: {"on": True, "aloud": v.aloud, "level": v.level, "channel": v.channel - 1}
        for v in status.voices
    }
    # What is ordered is shown at once, though it is played from the next bar line on.
    ordered = {
        name: {
            "on": name in config.band_voices,
            "aloud": playing.get(name, {}).get("aloud", True),
            "level": getattr(config, f"{name}_level"),
            "channel": getattr(config, f"{name}_channel") - 1,
        }
        for name in VOICES
    }
    voices = [{"name": name, **voice} for name, voice in (playing | ordered).items()]
    return {"voices": voices, "feel_set": config.feel}
