from improvd.training.measure.similarity import Similarity, similarity


def test_the_phrase_itself_is_nearest_and_what_is_always_the_same_is_no_nearer_than_chance():
    phrases = [[[60 + 2 * n] * n, [], [72]] for n in range(5)]
    assert similarity(phrases, phrases) == Similarity(1.0, 1.0, 1.0)
    same = similarity([phrases[2]] * 5, phrases)
    assert (same.density, same.rhythm, same.register) == (0.5, 0.5, 0.5)


def test_what_resembles_the_others_is_further():
    busy, sparse = [[60, 62, 64]] * 4, [[72]] * 4
    assert similarity([busy, sparse], [sparse, busy]) == Similarity(0.0, 0.0, 0.0)


def test_silence_is_in_no_register():
    assert similarity([[[]], [[]]], [[[60]], [[70]]]).register == 0.0
