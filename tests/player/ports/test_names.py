import pytest

from improvd.player.ports.names import PortError, again, bare, find, ours

MACOS = ["IAC Driver Bus 1", "Network Session 1", "MPKmini2", "Scarlett 18i20 USB", "Logic Pro In"]
MACOS_JAPANESE = ["IACドライバ バス1", "IACドライバ バス2", "ネットワーク Session 1"]
MACOS_GERMAN = ["IAC-Treiber Bus 1", "Netzwerk Session 1", "MPKmini2"]
ALSA = [
    "Midi Through:Midi Through Port-0 14:0",
    "MPKmini2:MPKmini2 MIDI 1 20:0",
    "FLUID Synth (1234):Synth input port (1234:0) 128:0",
    "Synth:Synth port 0 129:0",
]
JACK = [
    "a2j:MPKmini2 [20] (playback): MPKmini2 MIDI 1",
    "system:midi_playback_1",
    "system:midi_playback_2",
    "synth:midi_00",
]
WINDOWS = ["Microsoft GS Wavetable Synth 0", "loopMIDI Port 1", "loopMIDI Port B 2", "Bus 3"]


@pytest.mark.parametrize(
    ("wanted", "names", "api", "found"),
    [
        ("IAC Bus", MACOS, "coremidi", "IAC Driver Bus 1"),
        ("iac bus", MACOS, "coremidi", "IAC Driver Bus 1"),
        ("IAC Bus 1", MACOS, "coremidi", "IAC Driver Bus 1"),
        ("IAC", MACOS, "coremidi", "IAC Driver Bus 1"),
        ("IAC Bus", MACOS_GERMAN, "coremidi", "IAC-Treiber Bus 1"),
        ("IAC", MACOS_GERMAN, "coremidi", "IAC-Treiber Bus 1"),
        ("IAC Bus", MACOS_JAPANESE[:1], "coremidi", "IACドライバ バス1"),
        ("IAC Driver Bus 2", MACOS_JAPANESE, "coremidi", "IACドライバ バス2"),
        ("Traume", ["Flügel", "Träume"], "coremidi", "Träume"),
        ("FLÜGEL", ["Flugel", "Träume"], "alsa", "Flugel"),
        ("logic in", MACOS, "coremidi", "Logic Pro In"),
        ("MPKmini2", ALSA, "alsa", "MPKmini2:MPKmini2 MIDI 1 20:0"),
        ("Midi Through", ALSA, "alsa", "Midi Through:Midi Through Port-0 14:0"),
        ("Synth:Synth port 0", ALSA, "alsa", "Synth:Synth port 0 129:0"),
        ("fluid", ALSA, "alsa", "FLUID Synth (1234):Synth input port (1234:0) 128:0"),
        ("playback 2", JACK, "jack", "system:midi_playback_2"),
        ("synth:midi_00", JACK, "jack", "synth:midi_00"),
        ("mpkmini2", JACK, "jack", "a2j:MPKmini2 [20] (playback): MPKmini2 MIDI 1"),
        ("Wavetable", WINDOWS, "winmm", "Microsoft GS Wavetable Synth 0"),
        ("loopMIDI Port B", WINDOWS, "winmm", "loopMIDI Port B 2"),
    ],
)
def test_a_name_finds_the_port_that_has_all_its_words_in_order(wanted, names, api, found):
    assert find(wanted, names, api) == found


@pytest.mark.parametrize(
    ("wanted", "names", "api"),
    [
        ("Bus IAC", MACOS, "coremidi"),  # another order
        ("IAC Bus 2", MACOS, "coremidi"),
        ("MPK", MACOS, "coremidi"),  # a part of a word is another word
        ("IAC Bus", [], "coremidi"),
        ("Synth 129", ALSA, "alsa"),  # ALSA's numbers are no words
        ("Microsoft 0", WINDOWS, "winmm"),  # nor is Windows' index
    ],
)
def test_a_name_without_a_port_finds_none(wanted, names, api):
    assert find(wanted, names, api) is None


@pytest.mark.parametrize(
    ("copied", "api", "today"),
    [
        ("Synth:Synth port 0 128:0", "alsa", "Synth:Synth port 0 131:0"),
        ("loopMIDI Port 1", "winmm", "loopMIDI Port 4"),
    ],
)
def test_a_name_copied_before_the_system_counted_anew_still_finds_its_port(copied, api, today):
    assert find(copied, [today, "another"], api) == today


def test_several_ports_are_an_error_that_lists_them():
    with pytest.raises(PortError) as caught:
        find("Synth", ALSA, "alsa")
    message = str(caught.value)
    assert '"Synth"' in message
    assert all(f'"{name}"' in message for name in ALSA[2:])
    assert not any(f'"{name}"' in message for name in ALSA[:2])


@pytest.mark.parametrize(
    ("wanted", "names", "api"),
    [
        ("bus 1", ["Bus 1", "IAC Driver Bus 1"], "coremidi"),
        ("Synth:out", ["Synth:out 128:0", "Synth:out 2 128:1"], "alsa"),
        ("Synth:out 128:0", ["Synth:out 128:0", "Synth:out 129:0"], "alsa"),
        ("loopMIDI Port", ["loopMIDI Port 1", "loopMIDI Port B 2"], "winmm"),
        ("Bus 2", ["Bus 2 1", "Bus 0"], "winmm"),
    ],
)
def test_an_exact_name_wins_over_longer_ones(wanted, names, api):
    assert find(wanted, names, api) == names[0]
    assert find(wanted, names[::-1], api) == names[0]


def test_two_ports_of_the_same_name_are_ambiguous():
    with pytest.raises(PortError, match="several"):
        find("Bus", ["Bus 1", "Bus 2"], "winmm")


@pytest.mark.parametrize(
    ("name", "api"),
    [
        ("improvd:out", "jack"),
        ("improvd-01:in", "jack"),
        ("improvd-12:IAC Bus", "jack"),
        ("improvd:out 128:0", "alsa"),
        ("improvd out", "coremidi"),
        ("improvd IAC Bus", "coremidi"),
    ],
)
def test_ports_of_improvd_itself_are_never_found(name, api):
    assert ours(name, api)
    assert find(name, [name], api) is None
    assert find(name.split(":")[-1], [name], api) is None


def test_a_port_that_somebody_called_after_us_is_not_ours():
    assert find("improvd", ["improvd 1"], "winmm") == "improvd 1"
    assert not ours("IAC Driver improvd", "coremidi")
    assert not ours("improvdish:out", "jack")
    assert not ours("improvd-studio:out", "jack")


def test_letters_are_compared_as_people_read_them():
    composed, decomposed = "Cl\u00e9 Synth\u00e9", "Cle\u0301 Synthe\u0301"
    assert find(composed.upper(), [decomposed], "coremidi") == decomposed


@pytest.mark.parametrize("wanted", ["", "  ", ":-/"])
def test_a_name_without_a_word_is_refused(wanted):
    with pytest.raises(PortError, match="letter or digit"):
        find(wanted, MACOS, "coremidi")


def test_a_port_that_comes_back_is_known_by_what_the_system_did_not_append():
    assert again("Synth:out 128:0", ["Synth:out 2 128:1", "Synth:out 131:0"], "alsa") == (
        "Synth:out 131:0"
    )
    assert again("Synth:out 128:0", ["Synth:out 131:0", "Synth:out 128:0"], "alsa") == (
        "Synth:out 128:0"
    )
    assert again("synth:midi", ["synth:midi 2"], "jack") is None
    assert bare("Synth:out 131:0", "alsa") == "Synth:out"
    assert bare("synth:midi 2", "jack") == "synth:midi 2"
