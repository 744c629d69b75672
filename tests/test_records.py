import msgspec
from hypothesis import given
from hypothesis import strategies as st

from improvd.messages import Gap, Heard, Notice, Played, Sent, Turned
from improvd.records import Closed, Damage, Opened, decode, read, write
from tests.harness.recorded import jam

ns = st.integers(0, 2**63 - 1)
record = st.one_of(
    st.builds(Opened, st.just(1), st.text(), ns, ns, st.integers(0, 9)),
    st.builds(Closed, st.booleans()),
    st.builds(Heard, ns, st.binary(max_size=300)),
    st.builds(Turned, ns),
    st.builds(Sent, ns, ns, st.binary(min_size=3, max_size=3)),
    st.builds(Notice, st.text()),
    st.builds(Gap, st.integers(1, 2**40)),
)


def whole(data: bytes) -> list[object]:
    return [each for each in read(data) if not isinstance(each, Damage)]


@given(st.lists(record))
def test_what_is_written_is_read(written):
    assert list(read(b"".join(map(write, written)))) == written


def test_a_beat_recorded_before_it_told_what_was_struck_is_read():
    played = next(event for event in jam(8) if isinstance(event, Played))
    name, fields = msgspec.msgpack.decode(msgspec.msgpack.encode(played))
    del fields["yours"]
    old = msgspec.msgpack.encode([name, fields])
    assert msgspec.msgpack.decode(old, type=Played) == played
    assert played.beat.yours == ()


@given(st.lists(record, min_size=1, max_size=6), st.data())
def test_a_file_cut_anywhere_reads_up_to_its_last_whole_record(written, data):
    pieces = list(map(write, written))
    everything = b"".join(pieces)
    cut = data.draw(st.integers(0, len(everything)))
    survivors, end = 0, 0
    while survivors < len(pieces) and end + len(pieces[survivors]) <= cut:
        end += len(pieces[survivors])
        survivors += 1
    torn = [Damage(end, cut - end)] if end < cut else []
    assert list(read(everything[:cut])) == written[:survivors] + torn


def test_every_byte_length_of_a_real_jam():
    written = list(jam(2))
    everything, ends = b"", []
    for each in written:
        everything += write(each)
        ends.append(len(everything))
    for cut in range(len(everything) + 1):
        assert whole(everything[:cut]) == written[: sum(end <= cut for end in ends)]


def test_every_flipped_bit_costs_one_record_and_is_told():
    written = list(jam(1))
    pieces = list(map(write, written))
    everything = b"".join(pieces)
    start = 0
    for index, piece in enumerate(pieces):
        for bit in range(len(piece) * 8):
            spoilt = bytearray(everything)
            spoilt[start + bit // 8] ^= 1 << bit % 8
            found = list(read(bytes(spoilt)))
            assert found == [*written[:index], Damage(start, len(piece)), *written[index + 1 :]]
        start += len(piece)


@given(st.lists(record, max_size=4), st.binary(max_size=40), st.lists(record, max_size=4))
def test_rubbish_in_between_is_passed_over_and_told(before, rubbish, after):
    first, last = b"".join(map(write, before)), b"".join(map(write, after))
    found = list(read(first + rubbish + last))
    damage = [Damage(len(first), len(rubbish))] if rubbish else []
    assert found == before + damage + after


@given(st.binary(max_size=2000))
def test_any_bytes_can_be_read(data):
    assert sum(each.size for each in read(data) if isinstance(each, Damage)) == len(data)


def test_a_record_of_a_later_improvd_is_passed_over():
    class Danced(msgspec.Struct, tag=True):
        steps: int

    unknown = write(Danced(3))
    known = write(Turned(1))
    assert list(read(known + unknown + known)) == [
        Turned(1),
        Damage(len(known), len(unknown)),
        Turned(1),
    ]


def test_what_does_not_say_its_rules_went_by_the_first():
    content = msgspec.msgpack.encode(["Opened", 1, "0.1", 5, 6])
    assert decode(content) == Opened(1, "0.1", 5, 6, rules=0)
