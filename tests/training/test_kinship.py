from improvd.training.kinship import Kinship, kinship


def test_the_phrase_itself_is_nearest_and_what_is_always_the_same_is_no_nearer_than_chance():
    phrases = [[[60 + 2 * n] * n, [], [72]] for n in range(5)]
    assert kinship(phrases, phrases) == Kinship(1.0, 1.0, 1.0)
    same = kinship([phrases[2]] * 5, phrases)
    assert (same.density, same.rhythm, same.register) == (0.5, 0.5, 0.5)


def test_what_resembles_the_others_is_further():
    busy, sparse = [[60, 62, 64]] * 4, [[72]] * 4
    assert kinship([busy, sparse], [sparse, busy]) == Kinship(0.0, 0.0, 0.0)


def test_silence_is_in_no_register():
    assert kinship([[[]], [[]]], [[[60]], [[70]]]).register == 0.0
