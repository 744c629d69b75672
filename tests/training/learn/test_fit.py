"""Laws of training: the sequence pass is djmodel, seeds repeat, the best weights are kept."""
# ruff: noqa: N803, N806 - the course's names

from math import log
from pathlib import Path
from subprocess import run
from sys import executable

import keras
import numpy as np
import pytest

from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Cell, State, Weights
from improvd.training.learn.djmodel import (
    course_optimizer,
    djmodel,
    layers_of,
    weights_of,
    zero_initializers,
)
from improvd.training.learn.fit import Epoch, fit, measure, sequence_model

N_VALUES, N_A = 11, 8


def windows(m: int = 6, Tx: int = 5, seed: int = 0) -> tuple[Float32Array, Float32Array]:
    """Random X and Y as the course makes them: X begins and Y ends with zeros."""
    values = np.random.default_rng(seed).integers(N_VALUES, size=(m, Tx))
    X = np.eye(N_VALUES, dtype=np.float32)[values]
    X[:, 0] = 0
    return X, np.roll(X, -1, axis=1).swapaxes(0, 1)


def drawn_weights(seed: int = 2) -> Weights:
    draw = np.random.default_rng(seed)
    shapes = [
        (N_VALUES, 4 * N_A),
        (N_A, 4 * N_A),
        (4 * N_A,),
        (N_A, N_VALUES),
        (N_VALUES,),
    ]
    return Weights(*(draw.normal(size=shape) for shape in shapes))


def assert_same(ours: Weights, theirs: Weights, atol: float) -> None:
    for name in Weights.__dataclass_fields__:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=0, atol=atol)


def test_one_sequence_pass_is_djmodels_unrolled_steps():
    weights = drawn_weights()
    X, _ = windows(m=4, Tx=30)
    LSTM_cell, densor = layers_of(weights)
    _, a0, c0 = zero_initializers(N_VALUES, N_A, m=4)
    unrolled = djmodel(30, N_A, N_VALUES, LSTM_cell, densor)([X, a0, c0])
    network = sequence_model(N_A, N_VALUES)
    network.set_weights([*LSTM_cell.get_weights(), *densor.get_weights()])
    logits = network(X).numpy().astype(np.float64)
    e = np.exp(logits - logits.max(axis=2, keepdims=True))
    probabilities = e / e.sum(axis=2, keepdims=True)  # (m, Tx, n_values)
    for t, output in enumerate(unrolled):
        np.testing.assert_allclose(probabilities[:, t], output.numpy(), atol=1e-5)


def test_an_epoch_moves_the_weights_as_djmodels_own_training_does():
    X, Y = windows()
    # Keras's fused cross-entropy has a gradient for rows of zeros, where there is nothing to learn
    Y[-1] = np.eye(N_VALUES, dtype=np.float32)[: len(X)]
    start = drawn_weights()
    LSTM_cell, densor = layers_of(start)
    _, a0, c0 = zero_initializers(N_VALUES, N_A, m=len(X))
    model = djmodel(5, N_A, N_VALUES, LSTM_cell, densor)
    model.compile(optimizer=course_optimizer(), loss="categorical_crossentropy")
    history = model.fit([X, a0, c0], list(Y), epochs=3, batch_size=len(X), verbose=0).history
    ours = fit(X, Y, N_A, epochs=3, start=start)
    totals = [epoch.loss.total for epoch in ours.curve]
    np.testing.assert_allclose(totals, history["loss"], rtol=1e-4)
    assert_same(ours.weights, weights_of(LSTM_cell, densor), atol=1e-4)
    assert np.abs(ours.weights.kernel - start.kernel).max() > 0.01


def test_the_loss_is_cross_entropy_summed_over_the_window_and_nats_a_beat():
    X, Y = windows()
    weights = drawn_weights()
    summed = 0.0
    for i, window in enumerate(X):
        cell = Cell(weights)
        for t, x in enumerate(window):
            cell.step(int(x.argmax()) if x.any() else None)
            if Y[t, i].any():
                summed -= log(cell.probabilities()[Y[t, i].argmax()])
    loss = measure(weights, X, Y)
    assert loss.total == pytest.approx(summed / 6, rel=1e-5)
    assert loss.nats == pytest.approx(summed / (6 * 4), rel=1e-5)  # the last of 5 is not predicted


def test_rows_of_zeros_teach_nothing():
    X, Y = windows()
    start = drawn_weights()
    with_them = fit(X, Y, N_A, epochs=3, start=start)
    without = fit(X[:, :-1], Y[:-1], N_A, epochs=3, start=start)
    assert_same(with_them.weights, without.weights, atol=1e-4)
    assert with_them.kept.loss.total == pytest.approx(without.kept.loss.total, rel=1e-5)
    assert with_them.kept.loss.nats == pytest.approx(without.kept.loss.nats, rel=1e-5)


def test_windows_learned_by_heart_are_played_back():
    X, Y = windows(m=4, Tx=8)
    X[:, 0] = np.eye(N_VALUES)[:4]  # a first value of its own for each
    learned = fit(X, Y, 24, epochs=250, seed=1)
    assert learned.curve[0].loss.nats > 2
    assert learned.curve[-1].loss.nats < 0.1
    for i in range(4):
        cell, value = Cell(learned.weights), i
        for t in range(7):
            cell.step(value)
            value = int(cell.logits.argmax())
            assert value == Y[t, i].argmax()


def test_the_same_seed_gives_the_same_weights_and_another_does_not():
    X, Y = windows(m=20)
    first, again, other = (
        fit(X, Y, N_A, epochs=5, seed=seed, batch_size=8).weights for seed in (7, 7, 8)
    )
    assert_same(first, again, atol=0)
    assert not np.allclose(first.kernel, other.kernel)


def test_the_same_seed_gives_the_same_weights_in_another_process(tmp_path: Path):
    X, Y = windows()
    np.savez(tmp_path / "windows.npz", X=X, Y=Y)
    program = (
        "import sys, numpy as np; from improvd.training.learn.fit import fit;"
        "given = np.load(sys.argv[1]);"
        "np.save(sys.argv[2], fit(given['X'], given['Y'], 8, 5, 7).weights.kernel)"
    )
    root = Path(__file__).parents[3]
    saved = tmp_path / "kernel.npy"
    run([executable, "-c", program, tmp_path / "windows.npz", saved], check=True, cwd=root)
    assert np.load(saved).tobytes() == fit(X, Y, 8, 5, 7).weights.kernel.tobytes()


def test_batches_reach_every_window():
    X, Y = windows(m=7)
    told: list[Epoch] = []
    fit(X, Y, N_A, epochs=2, batch_size=3, on_epoch=told.append, start=drawn_weights())
    whole = measure(drawn_weights(), X, Y)
    # updates in between move the later batches a little, and only a little
    assert told[0].loss.nats == pytest.approx(whole.nats, rel=0.1)


def test_the_weights_of_the_least_held_out_loss_are_kept():
    X, Y = windows(m=8)
    held_out = windows(m=8, seed=99)  # unrelated: learning by heart must hurt it
    told: list[Epoch] = []
    result = fit(X, Y, 16, epochs=60, held_out=held_out, on_epoch=told.append)
    losses = [epoch.held_out.nats for epoch in told if epoch.held_out]
    assert len(losses) == 60
    assert result.curve == tuple(told)
    assert result.kept.number == 1 + int(np.argmin(losses)) < 60
    assert measure(result.weights, *held_out).nats == pytest.approx(min(losses), rel=1e-5)


def test_patience_ends_what_no_longer_helps():
    X, Y = windows(m=8)
    result = fit(X, Y, 16, epochs=500, held_out=windows(m=8, seed=99), patience=5)
    assert len(result.curve) == result.kept.number + 5 < 500


def test_with_nothing_held_out_the_last_epoch_is_kept():
    X, Y = windows()
    result = fit(X, Y, N_A, epochs=4)
    assert result.kept is result.curve[-1]
    assert result.kept.number == 4
    assert result.kept.held_out is None


def test_ctrl_c_keeps_what_was_learned():
    X, Y = windows()

    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    result = fit(X, Y, N_A, epochs=1000, on_epoch=interrupt)
    assert result.kept.number == len(result.curve) == 3
    assert_same(result.weights, fit(X, Y, N_A, epochs=3).weights, atol=0)


def steadiness(weights: Weights, beats: int = 400) -> float:
    """How far a nudge of 1e-6 has grown after so many beats of the cell's own argmax."""
    straight, nudged = Cell(weights), Cell(weights)
    straight.step(None)
    state = straight.state()
    nudged.restore(State(state.a + np.float32(1e-6), state.c))
    for _ in range(beats):
        value = int(straight.logits.argmax())
        straight.step(value)
        nudged.step(value)
    return float(np.abs(straight.state().c - nudged.state().c).max())


def test_recurrent_dropout_steadies_what_is_learned_by_heart():
    values = np.random.default_rng(6).integers(N_VALUES, size=(12, 25))
    X = np.eye(N_VALUES, dtype=np.float32)[values[:, :-1]]
    Y = np.eye(N_VALUES, dtype=np.float32)[values[:, 1:]].swapaxes(0, 1)
    dropped = fit(X, Y, 32, 400, recurrent_dropout=0.1).weights
    plain = fit(X, Y, 32, 400).weights
    assert measure(dropped, X, Y).nats < 0.6
    assert steadiness(dropped) < 1e-3
    assert steadiness(plain) > 0.1


def test_recurrent_dropout_is_drawn_from_the_seed_and_left_out_when_measuring():
    X, Y = windows()
    first, again = (fit(X, Y, N_A, 4, 7, held_out=(X, Y), recurrent_dropout=0.5) for _ in range(2))
    assert_same(first.weights, again.weights, atol=0)
    assert first.kept.held_out is not None
    assert first.kept.held_out.nats == pytest.approx(measure(first.weights, X, Y).nats, rel=1e-5)


def test_an_optimizer_of_ones_own_is_used():
    X, Y = windows()
    start = drawn_weights()
    still = keras.optimizers.SGD(0.0)
    assert_same(fit(X, Y, N_A, 2, start=start, optimizer=still).weights, start, atol=0)


@pytest.mark.parametrize(
    ("X", "Y", "problem"),
    [
        (np.zeros((3, 5)), np.zeros((5, 3, 11)), "X has shape"),
        (np.zeros((0, 5, 11)), np.zeros((5, 0, 11)), "X has shape"),
        (np.zeros((3, 5, 11)), np.ones((3, 5, 11)), r"Y has shape .* \(5, 3, 11\) is due"),
        (np.zeros((3, 5, 11)), np.zeros((5, 3, 11)), "Y has nothing to predict"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(
    X: Float32Array, Y: Float32Array, problem: str
):
    with pytest.raises(ValueError, match=problem):
        fit(X, Y, N_A, epochs=1)
    with pytest.raises(ValueError, match=problem):
        measure(drawn_weights(), X, Y)


def test_settings_that_make_no_sense_are_refused():
    X, Y = windows()
    with pytest.raises(ValueError, match="epochs is 0, where at least 1 is due"):
        fit(X, Y, N_A, epochs=0)
    with pytest.raises(ValueError, match="patience needs held-out windows"):
        fit(X, Y, N_A, epochs=1, patience=2)
    with pytest.raises(ValueError, match="8 units and 11 values, where 9 and 11 are due"):
        fit(X, Y, 9, epochs=1, start=drawn_weights())
