"""From a configuration to a jam, live or offline: here it is put together, and told what to do."""

from collections.abc import Callable
from math import ceil

import msgspec

from improvd.config import Config
from improvd.config import soloists as soloists_of
from improvd.core.band.lineup import BASS, DRUMS, PIANO, SOLOIST, VOICES, Lineup, VoiceStyle
from improvd.core.course.speaker import Speaker
from improvd.core.course.tokens import TokenVocabulary
from improvd.core.course.untilted import Untilted
from improvd.core.harmony.chart import BLUES_IN_F, Chart, parse_chart
from improvd.core.jam import Jam, Offsets
from improvd.core.midi.messages import BREATH, EXPRESSION
from improvd.core.network import opening
from improvd.core.network.cell import Cell
from improvd.core.network.improviser import Improviser
from improvd.core.network.policy import Policy
from improvd.core.network.tilt import HOME_BPM, Tilts
from improvd.core.network.tonight import Tonight
from improvd.core.network.vocabulary import Register
from improvd.core.playing.entrance import Entrance, Entry
from improvd.core.playing.modes import mode_of
from improvd.core.playing.setup import Setup, SoloistSetup, Takeover
from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Sync
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.core.voice.line import Style
from improvd.core.voice.phrasing import EVEN, LearnedTouch
from improvd.messages import RULES, Change, LiveOrder
from improvd.model import Model, ModelError, find, kept
from improvd.models import bass, chords
from improvd.orders.table import CARRIED_OUT

_EXPRESSION = {"none": None, "breath": BREATH, "expression": EXPRESSION}
_NS_PER_MS, _NS_PER_S = 1e6, 1e9


def chart_of(text: str | None, config: Config | None = None) -> Chart:
    """The chart of a text, a 12-bar blues in F for None. Raises ChartError.

    Its beat and its loop are those of the configuration.
    """
    dotted = config is not None and _dotted(config)
    chart = parse_chart(BLUES_IN_F if text is None else text, dotted=dotted)
    return chart.looped(config.loop_bars) if config and config.loop_bars else chart


def tempo(config: Config, chart: Chart) -> float:
    """Beats per minute: the configuration's, else the chart's own, else 120."""
    return config.tempo or chart.tempo or HOME_BPM


def improviser(config: Config, model: Model) -> Policy:
    """The model's cell in its zero state, ready to be stepped."""
    temperature = model.temperature if config.temperature is None else config.temperature
    if isinstance(model.vocabulary, TokenVocabulary):
        return Speaker(
            Cell(model.weights),
            model.vocabulary,
            temperature=temperature,
            seed=config.seed or 0,
            one_a_beat=config.step == "beat",
        )
    phrases = model.phrases if config.sample is None else config.sample == "phrases"
    return Improviser(
        Cell(model.weights), temperature=temperature, seed=config.seed or 0, phrases=phrases
    )


def heard_before(config: Config, model: Model, chart: Chart) -> tuple[int, ...]:
    """The opening: the values that the cell has heard before its first beat."""
    return opening.drawn(model.weights, opening.lot(config.seed or 0, chart), config.opening)


def kept_model(config: Config) -> Model:
    """The model that a configuration names, read again only where the file is another since.

    Raises ModelError.
    """
    return kept(find(config.model)).model


def other_soloists(
    config: Config, model_of: Callable[[Config], Model] = kept_model
) -> dict[str, tuple[Config, Model]]:
    """What each soloist beside the first plays by, by name. Raises ModelError, naming the entry."""
    others = soloists_of(config)
    del others[SOLOIST]
    found = {}
    for name, each in others.items():
        try:
            found[name] = each, model_of(each)
        except ModelError as error:
            raise ModelError(f"[[voice]] {name}: model = {error}") from None
    return found


def setup(  # noqa: PLR0913 - the parts of a performance
    config: Config,
    who: Policy,
    model: Model,
    chart: Chart,
    *,
    rules: int = RULES,
    model_of: Callable[[Config], Model] = kept_model,
) -> Setup:
    """What a performance is made of. Who picks the values has heard the opening then.

    `who` and `model` are the first soloist's; `model_of` has those of the others.
    """
    soloists = {SOLOIST: _soloist(config, who, model, chart, rules)}
    for name, (each, its) in other_soloists(config, model_of).items():
        soloists[name] = _soloist(each, improviser(each, its), its, chart, rules)
    return Setup(
        soloists,
        chart,
        dotted=_dotted(config),
        rules=rules,
        lineup=_lineup(config, rules) if config.band_voices else None,
        changes=chords.load() if config.band_voices or chart.live else None,
        tune=config.tune if config.set else None,
    )


def _soloist(config: Config, who: Policy, model: Model, chart: Chart, rules: int) -> SoloistSetup:
    """What one soloist is made of, `config` being its own."""
    swing = config.swing or chart.swing
    register = Register(config.low, config.high)
    heard = heard_before(config, model, chart) if rules > 0 else ()
    who.open(heard)
    return SoloistSetup(
        improviser=who,
        vocabulary=model.vocabulary,
        tilts=_tilts(config, model, chart, register, rules),
        mode=mode_of(config.mode),
        style=Style(
            channel=config.channel - 1,
            register=register,
            velocity=config.velocity,
            notes_per_second=config.notes_per_second,
            swing=None if swing is None else swing / 100,
            touch=LearnedTouch(config.seed or 0) if rules > 1 else EVEN,
            expression=_EXPRESSION[config.expression],
        ),
        seed=(config.seed or 0) if rules > 0 else 0,
        start=opening.last_pitch(heard, model.vocabulary, chart, register),
        tonight=_tonight(config, model) if rules > 2 else None,
        realiser=model.realiser(config.seed or 0),
    )


def tables(config: Config, chart: Chart) -> frozenset[str]:
    """The names of the tables that what is played depends on."""
    walks, hears = BASS in config.band_voices, bool(config.band_voices) or chart.live
    return frozenset(name for name, used in (("bass", walks), ("chords", hears)) if used)


def _lineup(config: Config, rules: int) -> Lineup:
    registers = {
        BASS: Register(config.bass_low, config.bass_high),
        PIANO: Register(config.piano_low, config.piano_high),
        DRUMS: Register(0, 127),
    }
    voices = {
        name: VoiceStyle(
            getattr(config, f"{name}_channel") - 1,
            getattr(config, f"{name}_level"),
            registers[name],
        )
        for name in VOICES
        if name in config.band_voices
    }
    feel = None if config.feel == "auto" else config.feel
    return Lineup(voices, feel, config.seed or 0, bass.load(), rules)


def _tonight(config: Config, model: Model) -> Tonight | None:
    """What is to remember the evening; nothing does for single notes."""
    tokens = isinstance(model.vocabulary, TokenVocabulary)
    return None if tokens else Tonight(model.vocabulary, config.tonight)


def _tilts(config: Config, model: Model, chart: Chart, register: Register, rules: int) -> Tilts:
    """What leans the picks; nothing does those of single notes."""
    if isinstance(model.vocabulary, TokenVocabulary):
        return Untilted()
    return Tilts(
        model.vocabulary,
        model.shares,
        model.tempo_shares,
        config.respond,
        register,
        unasked=None if config.tempo or chart.tempo else HOME_BPM,
        by_class=rules < 4,
        pushes=model.pushes,
    )


def jam(  # noqa: PLR0913 - the parts of a performance
    config: Config,
    who: Policy,
    model: Model,
    chart: Chart,
    start_ns: int,
    *,
    rules: int = RULES,
    model_of: Callable[[Config], Model] = kept_model,
) -> Jam:
    """A jam whose count-in begins at `start_ns`; the rest as for `setup`."""
    count_in = ceil(config.count_in * chart.beats_per_bar)
    beat_ns = ns_per_beat(tempo(config, chart))
    own = Timeline(start_ns + count_in * beat_ns, 0, beat_ns)
    following = Following(
        sync=Sync(config.sync),
        start_on_clock=config.start == "clock",
        freewheel_beats=config.freewheel,
        resting_ns=round(config.resting * _NS_PER_S),
        clock_ns=round(config.clock_ms * _NS_PER_MS),
        rules=rules,
    )
    return Jam(
        setup(config, who, model, chart, rules=rules, model_of=model_of),
        Transport(own.undotted() if _dotted(config) else own, following),
        count_in=count_in,
        offsets=Offsets(round(config.send_ms * _NS_PER_MS), round(config.hear_ms * _NS_PER_MS)),
        leads=start_ns if config.clock_out else None,
    )


def offline(config: Config, who: Policy, model: Model, chart: Chart) -> Jam:
    """A jam with nobody, in a time of its own that begins at 0."""
    alone = msgspec.structs.replace(config, sync="internal", clock_out=False, send_ms=0.0)
    return jam(alone, who, model, chart, 0)


def obey(playing: Jam, now: int, order: LiveOrder) -> str:
    """Carry out what a person orders; a sentence on what came of it.

    Raises OrderError for what cannot be done now, ModelError or ChartError for what cannot be
    loaded; nothing has changed then. Loading a model takes some milliseconds, where it is not the
    one that plays: not just before a beat.
    """
    what = _changed(order, playing.setup.rules) if isinstance(order, Change) else order
    return CARRIED_OUT[type(order)](playing, now, what)


def _changed(change: Change, rules: int) -> Takeover:
    """What is to take over, and how."""
    config, model = change.config, kept_model(change.config)
    who, chart = improviser(config, model), chart_of(change.chart, config)
    entrance = Entrance(Entry(change.begins), change.bpm) if change.begins else None
    return Takeover(setup(config, who, model, chart, rules=rules), entrance)


def _dotted(config: Config) -> bool:
    return config.beat != "quarter"
