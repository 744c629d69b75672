"""The course's network in current Keras: djmodel, its inference model, and the way to our weights.

Names, arguments, shapes and return values are the course's (Sequence Models, week 1, "Improvise a
Jazz Solo with an LSTM Network"). One thing is not: the text that circulates begins every step from
[a0, c0], which throws away what the cell remembers; here [a, c] is carried from step to step.
"""
# ruff: noqa: N803, N806 - the course's names

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Weights


def djmodel(  # noqa: PLR0913, PLR0917 - both of the notebook's orders
    Tx: int,
    n_a: Any = None,
    n_values: Any = None,
    LSTM_cell: Any = None,
    densor: keras.layers.Dense | None = None,
    reshaper: keras.layers.Reshape | None = None,
) -> keras.Model:
    """The network that learns: one LSTM cell, stepped Tx times with its state kept.

    Inputs [X (m, Tx, n_values), a0 (m, n_a), c0 (m, n_a)]; outputs a list of Tx softmax arrays
    (m, n_values), to be fitted to list(Y) with Y (Ty, m, n_values). All steps share one LSTM and
    one Dense layer: those given, or new ones that `get_layer("LSTM_cell")` and
    `get_layer("densor")` return. The notebook calls it djmodel(Tx, n_a, n_values) in its older
    text, djmodel(Tx, LSTM_cell, densor, reshaper) in the present one, where the layers say the
    sizes.
    """
    if isinstance(n_a, keras.layers.Layer):
        LSTM_cell, densor, reshaper, n_a, n_values = n_a, n_values, LSTM_cell, None, None
    n_a = n_a or LSTM_cell.units
    n_values = n_values or densor.units  # type: ignore[union-attr]  # one of the two is there
    LSTM_cell = LSTM_cell or _lstm_cell(n_a)
    densor = densor or _densor(n_values)
    reshapor = reshaper or keras.layers.Reshape((1, n_values), name="reshapor")

    X = keras.Input((Tx, n_values), name="X")
    a0 = a = keras.Input((n_a,), name="a0")
    c0 = c = keras.Input((n_a,), name="c0")
    outputs = []
    for t in range(Tx):
        a, _, c = LSTM_cell(reshapor(X[:, t, :]), initial_state=[a, c])
        outputs.append(densor(a))
    return keras.Model([X, a0, c0], outputs, name="djmodel")


def music_inference_model(
    LSTM_cell: keras.layers.LSTM,
    densor: keras.layers.Dense,
    n_values: int | None = None,
    n_a: int | None = None,
    Ty: int = 100,
) -> keras.Model:
    """The network that plays: each step's argmax is the next step's input, its state kept.

    Inputs [x0 (m, 1, n_values), a0 (m, n_a), c0 (m, n_a)]; outputs a list of Ty softmax arrays
    (m, n_values). The argmax is fed back by Keras's own operations, so a saved model loads. Sizes
    that are not given, as in the present notebook, are those of the layers.
    """
    n_values, n_a = n_values or densor.units, n_a or LSTM_cell.units
    x0 = x = keras.Input((1, n_values), name="x0")
    a0 = a = keras.Input((n_a,), name="a0")
    c0 = c = keras.Input((n_a,), name="c0")
    outputs = []
    for _ in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
        x = ops.expand_dims(ops.one_hot(ops.argmax(out, axis=-1), n_values), axis=1)
    return keras.Model([x0, a0, c0], outputs, name="music_inference_model")


def predict_and_sample(
    inference_model: keras.Model,
    x_initializer: npt.NDArray[Any] | None = None,
    a_initializer: npt.NDArray[Any] | None = None,
    c_initializer: npt.NDArray[Any] | None = None,
) -> tuple[Float32Array, npt.NDArray[np.int64]]:
    """A solo: one-hot results (Ty, n_values) and their indices (Ty, 1).

    Initializers have shapes (1, 1, n_values), (1, n_a) and (1, n_a); None is zeros, as in the
    course.
    """
    given = [x_initializer, a_initializer, c_initializer]
    zeros = [np.zeros((1, *each.shape[1:]), dtype=np.float32) for each in inference_model.inputs]
    inputs = [zero if one is None else one for one, zero in zip(given, zeros, strict=True)]
    # Called, not `predict`ed: that would compile Ty steps, which takes longer than to walk them.
    outputs = inference_model(inputs, training=False)
    probabilities = np.array([ops.convert_to_numpy(output) for output in outputs])
    indices = np.argmax(probabilities, axis=2)
    return keras.utils.to_categorical(indices, num_classes=probabilities.shape[2]), indices


def zero_initializers(
    n_values: int, n_a: int, m: int = 1
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """The course's x0 (m, 1, n_values), a0 (m, n_a) and c0 (m, n_a), all zeros."""
    state = np.zeros((m, n_a), dtype=np.float32)
    return np.zeros((m, 1, n_values), dtype=np.float32), state, state.copy()


def initializers(
    LSTM_cell: keras.layers.LSTM, n_values: int, heard: Sequence[int] = ()
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """The x0, a0 and c0 of a cell that has heard these values; zeros if there are none.

    x0 is the last of them, and (a0, c0) is what those before it leave.
    """
    x, a, c = zero_initializers(n_values, LSTM_cell.units)
    for value in heard:
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        x = np.zeros_like(x)
        x[0, 0, value] = 1.0
    return x, ops.convert_to_numpy(a), ops.convert_to_numpy(c)


def course_schedule() -> keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate of the course, 0.01 / (1 + 0.01 t) after t updates (its `decay=0.01`)."""
    return keras.optimizers.schedules.InverseTimeDecay(0.01, decay_steps=1, decay_rate=0.01)


def course_optimizer() -> keras.optimizers.Optimizer:
    """A new Adam with the course's settings."""
    return keras.optimizers.Adam(course_schedule(), beta_1=0.9, beta_2=0.999)


def layers_of(weights: Weights) -> tuple[keras.layers.LSTM, keras.layers.Dense]:
    """New Keras layers (LSTM_cell, densor) that hold these weights."""
    LSTM_cell = _lstm_cell(weights.n_a)
    LSTM_cell.build((None, 1, weights.n_values))
    LSTM_cell.set_weights([weights.kernel, weights.recurrent, weights.bias])
    densor = _densor(weights.n_values)
    densor.build((None, weights.n_a))
    densor.set_weights([weights.dense_kernel, weights.dense_bias])
    return LSTM_cell, densor


def weights_of(LSTM_cell: keras.layers.LSTM, densor: keras.layers.Dense) -> Weights:
    """The weights of Keras layers, such as a student's own, whatever their names.

    Raises ValueError, one sentence, for layers that our cell would not compute alike: not built
    yet, without a bias, or with other activations than the course's.
    """
    for name, layer, kind in (
        ("LSTM_cell", LSTM_cell, keras.layers.LSTM),
        ("densor", densor, keras.layers.Dense),
    ):
        if not isinstance(layer, kind):
            raise ValueError(  # noqa: TRY004 - what a person gave, told like all of the rest
                f"{name} is a {type(layer).__name__}, where a Keras {kind.__name__} is due"
            )
        if not layer.built:
            raise ValueError(f"{name} has no weights yet: build a model with it and train it")
        if not layer.use_bias:
            raise ValueError(f"{name} has no bias; make it with use_bias=True")
    for name, activation, due in (
        ("LSTM_cell's activation", LSTM_cell.activation, ("tanh",)),
        ("LSTM_cell's recurrent_activation", LSTM_cell.recurrent_activation, ("sigmoid",)),
        ("densor's activation", densor.activation, ("softmax", "linear")),
    ):
        given = getattr(activation, "__name__", str(activation))
        if given not in due:
            raise ValueError(f"{name} is {given}, where {' or '.join(due)} is due")
    return Weights(*LSTM_cell.get_weights(), *densor.get_weights())


def _lstm_cell(n_a: int) -> keras.layers.LSTM:
    # One step a call: there is nothing to loop over, and a loop of one takes longer to compile.
    return keras.layers.LSTM(n_a, return_state=True, unroll=True, name="LSTM_cell")


def _densor(n_values: int) -> keras.layers.Dense:
    return keras.layers.Dense(n_values, activation="softmax", name="densor")
