"""Partners by the rules of systems that are not on this machine, on a cable of the test's own."""

from improvd.player.ports.partners import News, Partners


class Cable:
    """A cable of which the test decides what is there and what is joined."""

    def __init__(self, *there: str) -> None:
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
    assert partners.tend(set()) == NOTHING
    cable.there = []
    assert partners.tend(set()) == (["Synth:in is gone; still keeping time."], True)
    cable.there = ["Other:in 128:0", "Synth:in 130:0"]
    assert partners.tend(set()) == NOTHING
    assert partners.tend(set()) == (["Synth:in is back."], False)
    assert partners.known == ["Synth:in 130:0"]


def test_on_alsa_two_of_the_same_name_are_not_taken_for_one():
    cable = Cable("Synth:in 128:0", "Synth:in 129:0")
    partners = Partners(cable, None, "alsa")
    cable.plugged = set(cable.there)
    assert partners.tend(set()) == NOTHING
    cable.there = ["Synth:in 128:0"]
    assert partners.tend(set()).left
    assert partners.tend(set()) == NOTHING
    assert partners.known == ["Synth:in 128:0", "Synth:in 129:0"]


def test_where_no_births_are_told_a_named_port_is_always_plugged_in_again():
    cable = Cable("Keystation:MIDI 1 20:0")
    partners = Partners(cable, "keystation", "alsa")
    partners.seek()
    assert partners.tend(set()) == NOTHING
    cable.plugged = set()  # away and back within half a second, under the same number
    assert partners.tend(set()) == ([], True)
    assert partners.tend(set()) == (["keystation is back."], False)
    assert cable.joined() == {"Keystation:MIDI 1 20:0"}


def test_another_of_us_finds_the_peers_of_the_one_before_under_other_numbers():
    cable = Cable("Synth:in 140:0")
    partners = Partners(cable, None, "alsa")
    partners.expect({"Synth:in 128:0", "Keys:out 129:0"})
    assert cable.joined() == {"Synth:in 140:0"}
    assert partners.tend(set()) == NOTHING
    assert partners.known == ["Keys:out 129:0", "Synth:in 140:0"]
