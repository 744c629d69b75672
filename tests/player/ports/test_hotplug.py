"""Partners by the rules of systems that are not on this machine, on a cable of the test's own."""

import pytest

from improvd.player.ports.hotplug import News, Partners


class Cable:
    """A cable of which the test decides what is there and what is joined."""

    def __init__(self, *there: str) -> None:
        self.own = "improvd:out 140:0"
        self.there = list(there)
        self.plugged: set[str] = set()

    def joined(self) -> set[str]:
        return self.plugged & set(self.there)

    def listed(self) -> list[str]:
        return self.there

    def join(self, port: str) -> None:
        self.plugged.add(port)

    def sharing(self, port: str) -> set[str]:
        return set()


NOTHING = News([], False)


def test_on_alsa_a_peer_is_known_again_under_another_number():
    cable = Cable("Synth:in 128:0")
    partners = Partners(cable, None, "alsa")
    cable.join("Synth:in 128:0")
    assert partners.tend(set(), {}) == NOTHING
    cable.there = []
    assert partners.tend(set(), {}) == (["Synth:in is gone; still keeping time."], True)
    cable.there = ["Other:in 128:0", "Synth:in 130:0"]
    assert partners.tend(set(), {}) == NOTHING
    assert partners.tend(set(), {}) == (["Synth:in is back."], False)
    assert partners.known == ["Synth:in 130:0"]


def test_on_alsa_two_of_the_same_name_are_not_taken_for_one():
    cable = Cable("Synth:in 128:0", "Synth:in 129:0")
    partners = Partners(cable, None, "alsa")
    cable.plugged = set(cable.there)
    assert partners.tend(set(), {}) == NOTHING
    cable.there = ["Synth:in 128:0"]
    assert partners.tend(set(), {}).left
    assert partners.tend(set(), {}) == NOTHING
    assert partners.known == ["Synth:in 128:0", "Synth:in 129:0"]


def test_where_no_births_are_told_a_named_port_is_always_plugged_in_again():
    cable = Cable("Keystation:MIDI 1 20:0")
    partners = Partners(cable, "keystation", "alsa")
    partners.seek()
    assert partners.tend(set(), {}) == NOTHING
    cable.plugged = set()  # away and back within half a second, under the same number
    assert partners.tend(set(), {}) == ([], True)
    assert partners.tend(set(), {}) == (["keystation is back."], False)
    assert cable.joined() == {"Keystation:MIDI 1 20:0"}


def test_another_of_us_finds_the_peers_of_the_one_before_under_other_numbers():
    cable = Cable("Synth:in 140:0")
    partners = Partners(cable, None, "alsa")
    partners.expect({"Synth:in 128:0", "Keys:out 129:0"})
    assert cable.joined() == {"Synth:in 140:0"}
    assert partners.tend(set(), {}) == NOTHING
    assert partners.known == ["Keys:out 129:0", "Synth:in 140:0"]


def test_on_alsa_a_port_that_is_renamed_is_the_same_port():
    cable = Cable("Bitwig:unnamed 128:0", "Other:out 129:0")
    partners = Partners(cable, None, "alsa")
    cable.plugged = {"Bitwig:unnamed 128:0"}
    assert partners.tend(set(), {}) == NOTHING
    cable.there = ["Bitwig:Keys 128:0", "Other:out 129:0"]
    cable.plugged = {"Bitwig:Keys 128:0"}
    assert partners.tend(set(), {}) == (["Bitwig:unnamed is called Bitwig:Keys now."], False)
    assert partners.known == ["Bitwig:Keys 128:0"]
    assert partners.tend(set(), {}) == NOTHING


def test_who_is_renamed_and_leaves_is_taken_again_by_the_new_name():
    cable = Cable("Bitwig:unnamed")
    partners = Partners(cable, None, "jack")
    cable.plugged = {"Bitwig:unnamed"}
    assert partners.tend(set(), {}) == NOTHING
    cable.there = ["Bitwig:Keys"]
    cable.plugged = {"Bitwig:Keys"}
    assert not partners.tend(set(), {"Bitwig:unnamed": "Bitwig:Keys", "x:y": "x:z"}).left
    cable.there = []
    assert partners.tend(set(), {}) == (["Bitwig:Keys is gone; still keeping time."], True)
    cable.there = ["Bitwig:Keys"]
    cable.plugged = set()
    assert partners.tend(set(), {}) == NOTHING
    assert partners.tend(set(), {}) == (["Bitwig:Keys is back."], False)


@pytest.mark.parametrize(
    ("api", "before", "after"),
    [
        ("jack", ("a2j:K [20] (capture): K", "a2j:K [24] (capture): K"), ("[28]", "[32]")),
        ("jack", ("a2j:K [20] (capture): K", "a2j:K [24] (capture): K"), ("[24]", "[20]")),
        ("jack", ("a2j:K [20] (capture): K", "a2j:K [24] (capture): K"), ("[24]", "[28]")),
        ("alsa", ("K:K MIDI 1 20:0", "K:K MIDI 1 24:0"), ("28", "32")),
    ],
)
def test_two_devices_alike_that_come_back_together_are_both_taken_again(api, before, after):
    """As when a hub is plugged in again."""
    cable = Cable(*before)
    partners = Partners(cable, None, api)
    cable.plugged = set(before)
    assert partners.tend(set(), {}) == NOTHING
    cable.there, cable.plugged = [], set()
    assert len(partners.tend(set(), {}).notices) == 2
    numbers = ("[20]", "[24]") if api == "jack" else ("20", "24")
    cable.there = [
        name.replace(number, anew)
        for name, number, anew in zip(before, numbers, after, strict=True)
    ]
    partners.tend(set(), {})
    assert cable.plugged == set(cable.there)
    assert len(partners.tend(set(), {}).notices) == 2
    assert set(partners.known) == set(cable.there)


def test_a2j_numbers_its_ports_anew_and_they_are_the_same():
    before = "a2j:Keystation 49 [20] (capture): Keystation 49 MIDI 1"
    after = "a2j:Keystation 49 [24] (capture): Keystation 49 MIDI 1"
    cable = Cable(before)
    partners = Partners(cable, None, "jack")
    cable.plugged = {before}
    assert partners.tend(set(), {}) == NOTHING
    cable.there = []
    assert partners.tend(set(), {}).left
    cable.there = [after]
    assert partners.tend(set(), {}) == NOTHING
    assert cable.plugged == {before, after}
    (sentence,) = partners.tend(set(), {}).notices
    assert sentence == "a2j:Keystation 49 (capture): Keystation 49 MIDI 1 is back."


def test_the_only_synthesiser_is_joined_and_not_again_once_a_person_undid_that():
    cable = Cable("Midi Through:Midi Through Port-0 14:0", "improvd-01:in 141:0")
    partners = Partners(cable, None, "alsa", only=True)
    assert partners.tend(set(), {}) == NOTHING, "neither the system's nor another improvd's"
    cable.there.append("Synth:in 128:0")
    told = ["Joined Synth:in, the only synthesiser there is."]
    assert partners.tend(set(), {}) == (told, False)
    assert cable.plugged == {"Synth:in 128:0"}
    assert partners.tend(set(), {}) == NOTHING
    cable.plugged = set()
    assert partners.tend(set(), {}) == NOTHING, "the news of its return may be on its way"
    assert partners.tend(set(), {}) == ([], True)
    assert [partners.tend(set(), {}) for _ in range(2)] == [NOTHING] * 2
    assert cable.plugged == set()


def test_of_the_ports_of_one_device_that_come_one_after_another_none_is_guessed():
    cable = Cable()
    partners = Partners(cable, "mpk mini", "alsa")
    partners.seek()
    assert partners.tend(set(), {}).notices
    cable.there.append("MPK mini Plus:MPK mini Plus MIDI 2 20:1")
    assert partners.tend(set(), {}) == NOTHING
    cable.there.append("MPK mini Plus:MPK mini Plus MIDI 1 20:0")
    [sentence] = partners.tend(set(), {}).notices
    assert "fits several ports" in sentence
    assert cable.plugged == set()


def test_among_several_synthesisers_and_where_one_was_named_or_joined_nothing_is_chosen():
    cable = Cable("Synth:in 128:0", "Other:in 129:0")
    partners = Partners(cable, None, "alsa", only=True)
    assert partners.tend(set(), {}) == NOTHING
    cable.plugged = {"Other:in 129:0"}
    assert partners.tend(set(), {}) == NOTHING
    cable.there, cable.plugged = ["Synth:in 128:0"], set()
    assert partners.tend(set(), {}).left
    assert cable.plugged == set()
    named = Partners(Cable("Synth:in 128:0"), "piano", "alsa", only=True)
    assert named.tend(set(), {}).notices == ['No port is called "piano" yet; looking out for one.']
    assert named.known == []


def test_whom_nobody_hears_is_told_what_there_is_and_how_to_connect_it():
    nobody = "Nobody is connected to improvd:out"
    cable = Cable("improvd:in 140:1", "Midi Through:Midi Through Port-0 14:0")
    partners = Partners(cable, None, "alsa")
    assert partners.unheard() == [
        f"{nobody}, and no synthesiser is there: start one, and connect it with improvd:out."
    ]
    cable.there.append("FLUID Synth (77):in 128:0")
    [sentence] = partners.unheard()
    assert sentence.startswith(f"{nobody}; there is FLUID Synth (77):in: ")
    ways = "start improvd --port 'FLUID Synth (77)', or type aconnect 140:0 128:0"
    assert sentence.endswith(ways)
    cable.there.append("Other:in 129:0")
    assert "; there are FLUID Synth (77):in, Other:in: " in partners.unheard()[0]
    cable.join("Other:in 129:0")
    assert partners.unheard() == []


def test_who_is_away_is_expected_back_and_nobody_need_be_named():
    cable = Cable("Synth:in 128:0")
    cable.plugged = {"Synth:in 128:0"}
    partners = Partners(cable, None, "alsa")
    partners.tend(set(), {})
    cable.there = []
    assert partners.tend(set(), {}).left
    assert partners.unheard() == []
