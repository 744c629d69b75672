"""The model file: weights, the vocabulary they speak, and a card, in one safetensors file.

Its law: what `load` returns fits together (shapes, finite numbers, the vocabulary's hash and size),
and whatever does not is one sentence naming the file, what is wrong and what to do.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from improvd import folders
from improvd.core.arrays import Float32Array
from improvd.core.course.tokens import TokenVocabulary
from improvd.core.network.cell import Weights
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.realising.realiser import Realiser
from improvd.core.realising.templates import SIZE
from improvd.models import BUILT_IN, REMEDY, ModelError, digest, find, find_again, former

__all__ = [
    "BUILT_IN",
    "Kept",
    "Model",
    "ModelError",
    "digest",
    "even_shares",
    "find",
    "find_again",
    "kept",
    "load",
    "save",
    "take_place",
]

FORMAT = "improvd-model"
VERSION = "1"

_WEIGHTS = tuple(array.name for array in fields(Weights))
# As many voices as there can be, each of a model of its own.
_MOST_KEPT = 16
_OWN_KEYS = ("format", "version", "vocabulary", "vocabulary_id", "tokens")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained cell and what is needed to play from it.

    `card` says in words what it learned from and how well. `shares` (n_values,) float32 is how
    often each value occurs in the corpus; `tempo_shares` (k, n_values) the same for each of k
    classes of tempo, slow to fast, or None; `realisation` (templates.SIZE,) float32 the weights by
    which the pitches of a vocabulary of contours are chosen, None for steps on a ladder; `pushes`
    (2, k) how many notes a beat it plays when each note is worth so many nats more, both ascending,
    None where that is not known. Raises ModelError where the parts do not fit.
    """

    weights: Weights
    vocabulary: Vocabulary
    card: Mapping[str, str]
    shares: Float32Array
    tempo_shares: Float32Array | None = None
    realisation: Float32Array | None = None
    pushes: Float32Array | None = None

    def realiser(self, seed: int = 0) -> Realiser | None:
        """Who chooses the pitches of its values, with this seed; None where they say them."""
        return None if self.realisation is None else Realiser(self.realisation, seed)

    @property
    def temperature(self) -> float:
        """What it was made to be sampled at, by its card; 0 for its argmax."""
        return float(self.card.get("temperature", "0"))

    @property
    def phrases(self) -> bool:
        """Whether only how phrases begin was made to be sampled, by its card."""
        return self.card.get("sample") == "phrases"

    def __post_init__(self) -> None:
        n_values = self.weights.n_values
        if len(self.vocabulary) != n_values:
            raise ModelError(
                f"its vocabulary has {len(self.vocabulary)} values, its weights have {n_values}"
            )
        for key in self.card:
            if key in _OWN_KEYS:
                raise ModelError(f"its card has an entry {key}, a name that the file needs itself")
        _check_temperature(self.card.get("temperature", "0"))
        if self.shares.shape != (n_values,):
            raise ModelError(f"shares has shape {self.shares.shape}, where {(n_values,)} is due")
        _check_shares("shares", self.shares)
        if self.realisation is not None:
            _check_realisation(self.realisation, self.vocabulary)
        if self.tempo_shares is not None:
            shape = self.tempo_shares.shape
            if len(shape) != 2 or shape[0] == 0 or shape[1] != n_values:
                raise ModelError(f"tempo_shares has shape {shape}, where (k, {n_values}) is due")
            _check_shares("tempo_shares", self.tempo_shares)
        if self.pushes is not None:
            _check_pushes(self.pushes)


class Kept(NamedTuple):
    """A model that was read, and the digest of its file."""

    model: Model
    digest: str


def even_shares(n_values: int) -> Float32Array:
    """The shares of a model without a corpus: every value counts alike."""
    return np.full(n_values, 1 / n_values, dtype=np.float32)


def load(path: Path) -> Model:
    """The model in a file. Raises ModelError for everything that can be wrong with it."""
    try:
        tensors, metadata = _read(path)
        return _assemble(tensors, metadata)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error}); {REMEDY}") from None
    except SafetensorError as error:
        raise ModelError(
            f"{path}: not a safetensors file, or cut short or damaged ({error}); {REMEDY}"
        ) from None
    except ValueError as error:
        raise ModelError(f"{path}: {error}; {REMEDY}") from None


def kept(path: Path) -> Kept:
    """The model in a file and its digest; read again only where the file is another since.

    For who plays, and has no time. Raises ModelError as `load` does.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {REMEDY}") from None
    return _kept(path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=_MOST_KEPT)
def _kept(path: Path, file: tuple[int, ...]) -> Kept:
    del file  # which file it was that had this name
    return Kept(load(path), digest(path))


def save(path: Path, model: Model) -> None:
    """Write the model whole or not at all; the same model gives the same bytes.

    Raises ModelError if the folder or file cannot be written.
    """
    tensors = {name: getattr(model.weights, name) for name in _WEIGHTS}
    tensors["shares"] = np.ascontiguousarray(model.shares, dtype=np.float32)
    if model.tempo_shares is not None:
        tensors["tempo_shares"] = np.ascontiguousarray(model.tempo_shares, dtype=np.float32)
    if model.realisation is not None:
        tensors["realisation"] = np.ascontiguousarray(model.realisation, dtype=np.float32)
    if model.pushes is not None:
        tensors["pushes"] = np.ascontiguousarray(model.pushes, dtype=np.float32)
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        _kind(model.vocabulary): model.vocabulary.to_json(),
        "vocabulary_id": model.vocabulary.id,
        **model.card,
    }
    whole = _in_order(safetensors.numpy.save(tensors, metadata))
    try:
        with folders.whole(path, to_disk=True) as file:
            file.write(whole)
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be written ({error.strerror}); choose a folder that can"
        ) from None


def take_place(path: Path, model: Model) -> Path | None:
    """Write the model where another may be, which is kept beside it; where that is now, if any.

    Jams that were played with the other name its digest, and find it there again. Raises ModelError
    as `save` and `load` do.
    """
    if not path.exists():
        save(path, model)
        return None
    kept_as = former(path, digest(path))
    try:
        with folders.whole(kept_as, to_disk=True) as file:
            file.write(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{kept_as}: cannot be written ({error.strerror})") from None
    save(path, model)
    return kept_as


def _read(path: Path) -> tuple[dict[str, Float32Array], dict[str, str]]:
    """Tensors and metadata of a safetensors file, as they stand."""
    path.open("rb").close()  # the system's own words where it cannot be opened
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
        if metadata.get("format") != FORMAT:
            raise ValueError("a safetensors file, but not a model of improvd's")
        if metadata.get("version") != VERSION:
            raise ValueError(
                f"its format is version {metadata.get('version')}, this improvd reads {VERSION}"
            )
        for name in file.keys():  # noqa: SIM118 - not a dict, and not iterable
            kind = file.get_slice(name).get_dtype()
            if kind != "F32":
                raise ValueError(f"{name} is stored as {kind}, where F32 is due")
        return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118 - as above


def _assemble(tensors: dict[str, Float32Array], metadata: dict[str, str]) -> Model:
    """The model of a file's content. Raises ValueError where it does not fit."""
    missing = [name for name in _WEIGHTS if name not in tensors]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    vocabulary: Vocabulary = (
        TokenVocabulary.from_json(metadata["tokens"])
        if "tokens" in metadata
        else Vocabulary.from_json(metadata.get("vocabulary", ""))
    )
    if vocabulary.id != metadata.get("vocabulary_id"):
        raise ValueError("its vocabulary does not match the hash it was trained with")
    weights = Weights(**{name: tensors[name] for name in _WEIGHTS})
    return Model(
        weights,
        vocabulary,
        card={key: text for key, text in metadata.items() if key not in _OWN_KEYS},
        shares=tensors.get("shares", even_shares(weights.n_values)),
        tempo_shares=tensors.get("tempo_shares"),
        realisation=tensors.get("realisation"),
        pushes=tensors.get("pushes"),
    )


def _kind(vocabulary: Vocabulary) -> str:
    """What the file calls the values: tokens that last their own time, or a beat's each."""
    return "tokens" if isinstance(vocabulary, TokenVocabulary) else "vocabulary"


def _check_temperature(written: str) -> None:
    """Raises ModelError for what is no temperature."""
    try:
        temperature = float(written)
    except ValueError:
        temperature = float("nan")
    if not 0 <= temperature <= 5:
        raise ModelError(f"its card's temperature is {written!r}, where 0 to 5 is due")


def _check_realisation(realisation: Float32Array, vocabulary: Vocabulary) -> None:
    """Raises ModelError for weights by which no pitch can be chosen."""
    if not vocabulary.has_contours:
        raise ModelError("it has a realisation, but its vocabulary says the pitches itself")
    if realisation.shape != (SIZE,):
        raise ModelError(f"realisation has shape {realisation.shape}, where {(SIZE,)} is due")
    if not np.isfinite(realisation).all():
        raise ModelError("realisation holds a number that is not finite (NaN or infinity)")


def _check_pushes(pushes: Float32Array) -> None:
    """Raises ModelError for a table in which nothing can be looked up."""
    if pushes.ndim != 2 or pushes.shape[0] != 2 or pushes.shape[1] == 0:
        raise ModelError(f"pushes has shape {pushes.shape}, where (2, k) is due")
    if not np.isfinite(pushes).all():
        raise ModelError("pushes holds a number that is not finite (NaN or infinity)")
    if (np.diff(pushes, axis=1) <= 0).any():
        raise ModelError("pushes has rows that do not ascend")


def _check_shares(name: str, shares: Float32Array) -> None:
    """Raises ModelError for numbers that are no shares."""
    if not np.isfinite(shares).all():
        raise ModelError(f"{name} holds a number that is not finite (NaN or infinity)")
    if (shares < 0).any() or not shares.any(axis=-1).all():
        raise ModelError(f"{name} holds shares below zero, or nothing but zeros")


def _in_order(whole: bytes) -> bytes:
    """The same safetensors bytes with the header's keys sorted.

    The library writes metadata in the order of a hash map, another one in each process, and a
    model trained again from the same seed is to be the same file.
    """
    length = int.from_bytes(whole[:8], "little")
    header = json.dumps(
        json.loads(whole[8 : 8 + length]), sort_keys=True, separators=(",", ":")
    ).encode()
    header += b" " * (-len(header) % 8)  # the format aligns what follows to eight bytes
    return len(header).to_bytes(8, "little") + header + whole[8 + length :]
