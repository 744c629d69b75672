"""Makes golden_cell.npz: what Keras's own LSTM and Dense say, for weights drawn at random.

Run from the project's root: python tests/core/make_golden_cell.py
Uses nothing of improvd's, so that the test compares two implementations.
"""

from pathlib import Path

import keras
import numpy as np

N_VALUES, N_A, STEPS = 16, 12, 150
SCALES = (4.0, 0.7, 1.0)  # of kernel, recurrent, bias
SEED = 4


def main() -> None:
    draw = np.random.default_rng(SEED)
    lstm = keras.layers.LSTM(N_A, return_sequences=True, return_state=True)
    dense = keras.layers.Dense(N_VALUES, activation="softmax")
    lstm.build((1, STEPS, N_VALUES))
    dense.build((1, N_A))
    # Larger than a fresh layer's, so that gates open and shut and the argmax moves about.
    lstm.set_weights(
        [k * draw.normal(size=w.shape) for k, w in zip(SCALES, lstm.get_weights(), strict=True)]
    )
    dense.set_weights([3.0 * draw.normal(size=(N_A, N_VALUES)), 0.3 * draw.normal(size=N_VALUES)])

    values = draw.integers(N_VALUES, size=STEPS - 1)
    x = np.zeros((1, STEPS, N_VALUES), dtype=np.float32)  # the first input is the zero vector
    x[0, np.arange(1, STEPS), values] = 1
    sequence, a, c = lstm(x)

    solo = []
    fed, state = np.zeros((1, 1, N_VALUES), dtype=np.float32), [np.zeros((1, N_A))] * 2
    for _ in range(STEPS):
        output, *state = lstm(fed, initial_state=state)
        solo.append(int(np.argmax(dense(output[:, 0]))))
        fed = np.eye(N_VALUES, dtype=np.float32)[solo[-1]].reshape(1, 1, -1)

    kernel, recurrent, bias = lstm.get_weights()
    dense_kernel, dense_bias = dense.get_weights()
    np.savez_compressed(
        Path(__file__).with_name("golden_cell.npz"),
        kernel=kernel,
        recurrent=recurrent,
        bias=bias,
        dense_kernel=dense_kernel,
        dense_bias=dense_bias,
        values=values,
        probabilities=np.asarray(dense(sequence))[0],
        a=np.asarray(a)[0],
        c=np.asarray(c)[0],
        solo=np.array(solo),
    )


if __name__ == "__main__":
    main()
