"""A student's files: a saved Keras network, and what its values mean."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

_LONGEST_REASON = 300


class StudentFileError(ValueError):
    """A file that holds no network or no values as the course has them; one sentence."""


def read_network(path: Path) -> tuple[keras.layers.LSTM, keras.layers.Dense]:
    """The two layers of a saved network (.keras or .h5). Raises StudentFileError."""
    if not path.is_file():
        raise StudentFileError(
            f"{path}: there is no such file; save yours with model.save('mine.keras')"
        )
    try:
        return layers_in(keras.models.load_model(path, compile=False))
    except (ValueError, TypeError, OSError, KeyError) as error:
        sentence = " ".join(str(error).split())
        if "lambda" in sentence.lower():
            sentence = "it has a Lambda layer, which is code; save djmodel, not the inference model"
        raise StudentFileError(f"{path}: {sentence[:_LONGEST_REASON]}") from None


def layers_in(network: keras.Model) -> tuple[keras.layers.LSTM, keras.layers.Dense]:
    """The course's two layers in a network, found by type, however deep and whatever their names.

    Raises StudentFileError where there is not one of each.
    """
    found = {id(layer): layer for layer in _all_layers(network)}.values()
    cells = [layer for layer in found if isinstance(layer, keras.layers.LSTM)]
    densors = [layer for layer in found if isinstance(layer, keras.layers.Dense)]
    for kind, layers in (("LSTM", cells), ("Dense", densors)):
        if len(layers) != 1:
            names = ", ".join(layer.name for layer in layers)
            raise StudentFileError(
                f"it has {len(layers)} {kind} layers{f' ({names})' if names else ''}, where the "
                "course's djmodel has one that all its steps share"
            )
    return cells[0], densors[0]


def read_values(path: Path) -> dict[int, Any]:
    """What each value of a network means, from JSON: the course's indices_values, or the reverse.

    Keys may be strings, as JSON makes them; a list is taken in its order. Raises StudentFileError.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise StudentFileError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise StudentFileError(
            f"{path}: is not JSON; write it with json.dump(indices_values, file)"
        ) from None
    if isinstance(said, list):
        return dict(enumerate(said))
    if isinstance(said, dict) and said:
        if all(key.strip().isdecimal() for key in said):
            return {int(key): value for key, value in said.items()}
        if all(type(index) is int for index in said.values()):
            return {index: value for value, index in said.items()}
    raise StudentFileError(
        f'{path}: is not indices_values, such as {{"0": "C,0.250,<P4,m-2>", ...}}'
    )


def _all_layers(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    yield layer
    wrapped = getattr(layer, "layer", None)
    for each in [*getattr(layer, "layers", []), *([] if wrapped is None else [wrapped])]:
        yield from _all_layers(each)
