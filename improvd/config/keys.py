"""The keys of the configuration: each stands here once, with its range and its meaning."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from improvd.core.voice.phrasing import MOST_NOTES_PER_SECOND

_MODE = r"^(follow|answer|solo|trade( [1-9][0-9]?)?)\Z"
# Controllers 120 to 127 are channel mode messages, and programs count from 1 as devices show them.
_CONTROL = (
    r"^(cc ([0-9]|[1-9][0-9]|1[01][0-9])( up| latching)?"
    r"|program ([1-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))\Z"
)
_BAND = r"^(off|(bass|piano|drums)(, ?(bass|piano|drums)){0,2})\Z"
_BAND_VOICES = ("bass", "piano", "drums")
SHORTEST_REGISTER = 12
"""Semitones from the lowest to the highest pitch of a voice, at the least."""
WEB = "127.0.0.1:8765"
"""Where the live page is, if a person does not say where."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a musician can set. `None` leaves a choice to chart, tempo or model."""

    port: Annotated[
        str, Meta(min_length=1, description="MIDI port it plays on; no match opens a virtual port")
    ] = "improvd"
    input: (
        Annotated[str, Meta(min_length=1, description="MIDI port it hears, if another than --port")]
        | None
    ) = None
    join: Annotated[
        bool, Meta(description="joins the only synthesiser there is, where no port is named")
    ] = False
    api: Annotated[
        str,
        Meta(
            pattern=r"^(auto|alsa|jack|coremidi|winmm|none)\Z",
            description="MIDI system: auto, alsa, jack, coremidi, winmm; none writes a .mid file",
        ),
    ] = "auto"
    channel: Annotated[int, Meta(ge=1, le=16, description="MIDI channel it plays on")] = 1
    tempo: (
        Annotated[
            float,
            Meta(ge=20, le=400, description="beats per minute; else the chart's own, else 120"),
        ]
        | None
    ) = None
    chart: (
        Annotated[
            str,
            Meta(
                description='chords like "| Dm7 | G7 | Cmaj7 | % |", or a file; else a blues in F'
            ),
        ]
        | None
    ) = None
    mode: Annotated[
        str,
        Meta(
            pattern=_MODE,
            description="follow (plays, steered by you), answer (when you pause), "
            "trade N (N bars each), solo (does not listen)",
        ),
    ] = "follow"
    model: Annotated[
        str, Meta(min_length=1, description="a built-in model's name, or a model file")
    ] = "default"
    temperature: (
        Annotated[
            float,
            Meta(
                ge=0,
                le=5,
                description="0 picks the likeliest beat, above 0 it samples; else the model's own",
            ),
        ]
        | None
    ) = None
    sample: (
        Annotated[
            str,
            Meta(
                pattern=r"^(beats|phrases)\Z",
                description="what a temperature above 0 draws: all beats, or how phrases begin",
            ),
        ]
        | None
    ) = None
    seed: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=2**63 - 1,
                description="which solo it plays; else another one at each start",
            ),
        ]
        | None
    ) = None
    opening: Annotated[
        int,
        Meta(
            ge=0,
            le=128,
            description="beats that it has thought of before its first, by the seed; 0: none",
        ),
    ] = 32
    step: Annotated[
        str,
        Meta(
            pattern=r"^(notes|beat)\Z",
            description="of a network of single notes: notes (they fill the beat), beat (one each)",
        ),
    ] = "notes"
    respond: Annotated[
        float,
        Meta(ge=0, le=10, description="how far its picks lean towards what you just played"),
    ] = 3.0
    tonight: Annotated[
        float,
        Meta(ge=0, le=10, description="how far what you played tonight leans its picks"),
    ] = 0.5
    low: Annotated[int, Meta(ge=0, le=127, description="lowest pitch it plays; 60 is middle C")] = (
        55
    )
    high: Annotated[int, Meta(ge=0, le=127, description="highest pitch it plays")] = 79
    velocity: Annotated[int, Meta(ge=1, le=127, description="middle loudness of its notes")] = 90
    expression: Annotated[
        str,
        Meta(
            pattern=r"^(none|breath|expression)\Z",
            description="controller that tells loudness too: breath (CC 2), expression (CC 11)",
        ),
    ] = "none"
    notes_per_second: Annotated[
        float, Meta(ge=1, le=100, description="the most notes it plays in a second")
    ] = MOST_NOTES_PER_SECOND
    swing: (
        Annotated[
            float,
            Meta(
                ge=50, le=75, description="per cent of a beat the long note of a swung pair takes"
            ),
        ]
        | None
    ) = None
    count_in: Annotated[
        int,
        Meta(ge=0, le=8, description="bars it waits, listening, before it plays on its own clock"),
    ] = 1
    beat: Annotated[
        str,
        Meta(
            pattern=r"^(quarter|dotted quarter)\Z",
            description='what a beat is: quarter, or "dotted quarter" for 6/8, 9/8 and 12/8',
        ),
    ] = "quarter"
    loop_bars: (
        Annotated[
            int,
            Meta(ge=1, le=999, description="bars after which the chart begins again; else all"),
        ]
        | None
    ) = None
    sync: Annotated[
        str,
        Meta(
            pattern=r"^(auto|internal|midi)\Z",
            description="whose time: auto (a MIDI clock's when there is one), internal, midi",
        ),
    ] = "auto"
    start: Annotated[
        str,
        Meta(
            pattern=r"^(start|clock)\Z",
            description="what makes it play under a MIDI clock: start, or clock without a Start",
        ),
    ] = "start"
    freewheel: Annotated[
        float,
        Meta(ge=0, le=64, description="beats it plays on when the MIDI clock falls silent"),
    ] = 4.0
    resting: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="seconds it rests after a MIDI clock is gone before it plays on alone",
        ),
    ] = 10.0
    clock_out: Annotated[
        bool, Meta(description="sends MIDI clock, so that a drum machine follows")
    ] = False
    send_ms: Annotated[
        float,
        Meta(ge=-500, le=500, description="ms by which its notes leave later; negative: earlier"),
    ] = 0.0
    hear_ms: Annotated[
        float,
        Meta(ge=-500, le=500, description="ms by which your notes are taken to be earlier"),
    ] = 0.0
    clock_ms: Annotated[
        float,
        Meta(ge=-500, le=500, description="ms by which it plays later than the MIDI clock says"),
    ] = 0.0
    name: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z",
            description="of this instance: its control socket and its jams go by it",
        ),
    ] = "improvd"
    jams_mb: Annotated[
        int, Meta(ge=10, le=1_000_000, description="disk space for recorded jams; the oldest go")
    ] = 1000
    jams_days: Annotated[
        int, Meta(ge=1, le=36_500, description="days for which a recorded jam is kept")
    ] = 365
    metrics: (
        Annotated[
            str,
            Meta(
                pattern=r"^[^\s:]+:[0-9]{1,5}\Z",
                description="address:port at which Prometheus finds /metrics; else nowhere",
            ),
        ]
        | None
    ) = None
    web: Annotated[
        str,
        Meta(
            pattern=r"^(off|[^\s:]+:[0-9]{1,5})\Z",
            description=f"serves the live page: alone at {WEB}, or at this address:port",
        ),
    ] = "off"
    controls: Annotated[
        dict[Annotated[str, Meta(pattern=_CONTROL)], str],
        Meta(description="knobs and pedals, and the order that each gives, as to improvd ctl"),
    ] = {}

    band: Annotated[
        str,
        Meta(
            pattern=_BAND,
            description="who plays beside it: off, or some of bass, piano, drums; alone: all three",
        ),
    ] = "off"
    feel: Annotated[
        str,
        Meta(
            pattern=r"^(auto|swing|two-feel|ballad|bossa|waltz|straight)\Z",
            description="how the band plays: auto is as the chart's style, meter and tempo have it",
        ),
    ] = "auto"
    bass_channel: Annotated[int, Meta(ge=1, le=16, description="MIDI channel of the bass")] = 2
    bass_low: Annotated[int, Meta(ge=0, le=127, description="lowest pitch of the bass")] = 31
    bass_high: Annotated[int, Meta(ge=0, le=127, description="highest pitch of the bass")] = 52
    bass_level: Annotated[int, Meta(ge=1, le=127, description="middle loudness of the bass")] = 80
    piano_channel: Annotated[int, Meta(ge=1, le=16, description="MIDI channel of the piano")] = 3
    piano_low: Annotated[int, Meta(ge=0, le=127, description="lowest pitch of the piano")] = 50
    piano_high: Annotated[int, Meta(ge=0, le=127, description="highest pitch of the piano")] = 69
    piano_level: Annotated[int, Meta(ge=1, le=127, description="middle loudness of the piano")] = 74
    drums_channel: Annotated[int, Meta(ge=1, le=16, description="MIDI channel of the drums")] = 10
    drums_level: Annotated[int, Meta(ge=1, le=127, description="middle loudness of the drums")] = 92
    set: (
        Annotated[str, Meta(min_length=1, description="file of the tunes to play, a chart a line")]
        | None
    ) = None
    tune: Annotated[
        int, Meta(ge=1, le=99, description="number of the set's tune it begins with")
    ] = 1
    bass_port: (
        Annotated[str, Meta(min_length=1, description="MIDI port of the bass, if one of its own")]
        | None
    ) = None
    piano_port: (
        Annotated[str, Meta(min_length=1, description="MIDI port of the piano, if one of its own")]
        | None
    ) = None
    drums_port: (
        Annotated[str, Meta(min_length=1, description="MIDI port of the drums, if one for them")]
        | None
    ) = None
    voice: Annotated[
        tuple[dict[str, Any], ...],
        Meta(description="soloists beside the first, what each has of its own"),
    ] = ()

    def __post_init__(self) -> None:
        for of in ("", "bass_", "piano_"):
            low, high = getattr(self, f"{of}low"), getattr(self, f"{of}high")
            if high - low < SHORTEST_REGISTER:
                raise ValueError(
                    f"{of}low = {low} and {of}high = {high} leave less than an octave to play in; "
                    f"{of}high is to be at least {of}low + {SHORTEST_REGISTER}"
                )

    @property
    def band_voices(self) -> tuple[str, ...]:
        """The voices of the band, none where it is off."""
        return () if self.band == "off" else tuple(re.split(r",\s*", self.band))

    @property
    def band_channels(self) -> dict[int, str]:
        """All voices but the first soloist by their channels (0 to 15), but for one on its own."""
        by_channel = {getattr(self, f"{name}_channel") - 1: name for name in self.band_voices}
        by_channel |= {entry["channel"] - 1: entry["name"] for entry in self.voice}
        by_channel.pop(self.channel - 1, None)
        return by_channel

    @property
    def ports(self) -> dict[int, str]:
        """The port of every voice by its channel (0 to 15), one that may yet play included."""
        of_band = {
            getattr(self, f"{name}_channel") - 1: getattr(self, f"{name}_port") or self.port
            for name in sorted(_BAND_VOICES, key=lambda name: name in self.band_voices)
        }
        of_soloists = {each["channel"] - 1: each.get("port", self.port) for each in self.voice}
        return of_band | of_soloists | {self.channel - 1: self.port}


GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Playing": (
            *(
                "mode",
                "chart",
                "set",
                "tune",
                "loop_bars",
                "model",
                "temperature",
                "sample",
                "seed",
            ),
            *("opening", "step", "respond", "tonight"),
        ),
        "Time": (
            *("tempo", "beat", "count_in", "sync", "start", "freewheel", "resting", "clock_out"),
            *("send_ms", "hear_ms", "clock_ms"),
        ),
        "Ports": ("port", "input", "join", "api", "channel"),
        "Sound": ("low", "high", "velocity", "expression", "notes_per_second", "swing"),
        "Band": (
            *("band", "feel", "bass_channel", "bass_low", "bass_high", "bass_level"),
            *("piano_channel", "piano_low", "piano_high", "piano_level"),
            *("drums_channel", "drums_level", "bass_port", "piano_port", "drums_port"),
        ),
        "Service": ("name", "jams_mb", "jams_days", "metrics", "web"),
    }
)
"""The options as a person looks for them."""

OPTIONS = tuple(key for key in Config.__struct_fields__ if key not in {"controls", "voice"})
"""The keys that hold one value, and so are command-line options too."""

WHERE_ALONE: Mapping[str, str] = MappingProxyType({"band": "bass, piano, drums", "set": "sets"})
"""What a key is that is given as an option without a value."""
