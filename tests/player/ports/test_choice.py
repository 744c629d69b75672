"""Which of two MIDI systems is taken, by what is on them."""

import pytest

from improvd.player.ports.choice import ALSA, JACK, PIPEWIRE, Seen, choose, settled

THROUGH = "Midi Through:Midi Through Port-0 14:0"
KEYSTATION = "Keystation 49:Keystation 49 MIDI 1 20:0"
FLUID = "FLUID Synth (4711):Synth input port (4711:0) 128:0"
BRIDGED_FLUID = "Midi-Bridge:FLUID Synth (4711):(playback_0) Synth input port"
A2J_FLUID = "a2j:FLUID Synth (4711) [128] (playback): Synth input port"

# What is there whether or not anybody plays.
BARE_ALSA = (THROUGH, KEYSTATION, "PipeWire-RT-Event:input 143:0", "improvd:out 130:0")
BARE = {
    JACK: ("system:midi_playback_1", "improvd:out"),
    PIPEWIRE: ("Midi-Bridge:Keystation 49:(playback_0) Keystation 49 MIDI 1",),
}
CARLA = "Carla:events-in"


def seen(system: str, *ports: str, sources: tuple[str, ...] = ()) -> Seen:
    bare = BARE_ALSA if system == ALSA else BARE[system]
    return Seen(system, [*bare, *ports], [*bare, *sources])


@pytest.mark.parametrize("server", [JACK, PIPEWIRE])
@pytest.mark.parametrize(
    ("on_alsa", "on_server", "out", "expected"),
    [
        ([FLUID], [], "improvd", (ALSA, "where FLUID Synth (4711) is")),
        ([], [CARLA], "improvd", (None, "where Carla is")),
        ([FLUID], [CARLA], "carla", (None, 'where "carla" is')),
        ([FLUID], [CARLA], "fluid", (ALSA, 'where "fluid" is')),
        # the same synth, seen through a bridge
        ([FLUID], [A2J_FLUID, BRIDGED_FLUID], "fluid", (ALSA, 'where "fluid" is')),
        ([FLUID], [A2J_FLUID, BRIDGED_FLUID], "improvd", (ALSA, "where FLUID Synth (4711) is")),
        # a name that fits two ports of a system is at home there
        ([FLUID, FLUID.replace("128", "129")], [], "fluid synth", (ALSA, 'where "fluid synth" is')),
        # a name that is nowhere yet leaves it to who is there
        ([FLUID], [], "juno", (ALSA, "where FLUID Synth (4711) is")),
        ([], [CARLA], "juno", (None, "where Carla is")),
        # a device is no program, but has a name
        ([], [CARLA], "keystation", (ALSA, 'where "keystation" is')),
    ],
)
def test_it_is_the_one_that_others_are_on(server, on_alsa, on_server, out, expected):
    both = seen(ALSA, *on_alsa), seen(server, *on_server)
    chosen, sentence = choose(*both, out, out)
    taken, why = expected[0] or server, expected[1]
    other, api = (server, "jack") if taken == ALSA else (ALSA, "alsa")
    assert chosen.system == taken
    assert sentence == f"On {taken}, {why}; for {other} say --api {api}."


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize(
    ("server", "taken", "why"),
    [
        (JACK, JACK, "whose server somebody started"),
        (PIPEWIRE, ALSA, "which programs on PipeWire see too"),
    ],
)
def test_where_programs_are_on_both_or_on_none_it_is_the_one_that_reaches_most(
    server, taken, why, busy
):
    both = seen(ALSA, *[FLUID] * busy), seen(server, *[CARLA] * busy)
    chosen, sentence = choose(*both)
    assert chosen.system == taken
    assert f", {why};" in sentence


def test_a_name_to_hear_tells_where_no_name_to_play_on_does():
    alsa = seen(ALSA, sources=("VMPK Output:out 129:0",))
    jack = seen(JACK, CARLA)
    chosen, why = choose(alsa, jack, into="vmpk")
    assert chosen is alsa
    assert 'where "vmpk" is' in why
    assert choose(alsa, jack, out="carla", into="vmpk")[0] is jack


def test_a_program_that_only_plays_is_one_too():
    alsa = seen(ALSA, sources=("VMPK Output:out 129:0",))
    assert choose(alsa, seen(JACK))[0] is alsa


@pytest.mark.parametrize("on_alsa", [[], [FLUID]])
@pytest.mark.parametrize("on_pipewire", [[], [CARLA], [BRIDGED_FLUID]])
@pytest.mark.parametrize("out", ["improvd", "fluid", "carla", "juno"])
@pytest.mark.parametrize("into", ["improvd", "fluid", "carla", "keystation"])
def test_what_is_settled_without_a_look_at_pipewire_is_the_same_after_one(
    on_alsa, on_pipewire, out, into
):
    alsa, pipewire = seen(ALSA, *on_alsa), seen(PIPEWIRE, *on_pipewire)
    if settled(alsa, out, into):
        for other in (pipewire, Seen(PIPEWIRE, (), ())):
            chosen, _ = choose(alsa, other, out, into)
            assert chosen is alsa


def test_it_is_settled_by_a_program_or_a_name_on_the_sequencer():
    assert settled(seen(ALSA, FLUID), "improvd", "improvd")
    assert settled(seen(ALSA), "keystation", "improvd")
    assert not settled(seen(ALSA), "improvd", "improvd")
    assert not settled(seen(ALSA, FLUID), "carla", "carla")
