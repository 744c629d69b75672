"""A model on trial: how long it takes to load, and to think of a beat, before it is to play.

A player that is at either does nothing else: what is due then is late, and from some hundreds of
milliseconds on it is taken for one that stands still.
"""

import time
from collections.abc import Callable
from functools import partial

from improvd import performance
from improvd.config import Config, soloists
from improvd.core.network.improviser import PLAIN
from improvd.core.network.policy import Policy
from improvd.messages import Refused, Tried
from improvd.model import digest, find, load

# Half of the 20 ms that there are before each beat: the other half is for a busy machine.
_LONGEST_BEAT_S = 0.010
# Two notes this far apart are heard as uneven, once; any more is a stumble.
_LONGEST_LOAD_S = 0.030
# Other programs take their time too, which says nothing of the model: what counts is the time that
# the processor was busy with it, and the quickest of so many.
_BEATS, _LOADS = 8, 3


class TooSlowError(ValueError):
    """A model that would be late for every beat, or would stop the music; one sentence."""


def answer(config: Config) -> Tried | Refused:
    """How quick the configuration's model is, or why it cannot take over while another plays."""
    try:
        return _tried(config)
    except ValueError as error:
        return Refused(str(error))
    except MemoryError:
        return Refused(f"{config.model}: there is no memory for this model; name a smaller one")


def check_beat(config: Config, who: Policy) -> float:
    """Seconds that all soloists think about a beat. Leaves `who`, the first, where it was.

    Raises TooSlowError where that is too much for any tempo.
    """
    before, others = who.memory(), performance.other_soloists(config).values()
    thinking = [who, *(performance.improviser(*other) for other in others)]
    seconds = sum(_quickest(partial(_beat, each), _BEATS, _LONGEST_BEAT_S) for each in thinking)
    who.restore(before)
    if seconds > _LONGEST_BEAT_S:
        thinks = f"{len(thinking)} soloists think" if others else f"{config.model}: thinks"
        raise TooSlowError(
            f"{thinks} {seconds * 1e3:.0f} ms about a beat on this machine, where "
            f"{_LONGEST_BEAT_S * 1e3:.0f} ms is the most; name a model of fewer units"
        )
    return seconds


def _tried(config: Config) -> Tried:
    """Raises TooSlowError, or ModelError for what cannot be loaded."""
    beat_s = check_beat(config, _loaded(config))
    of_models = {each.model: each for each in soloists(config).values()}.values()
    return Tried(max(_load_s(each) for each in of_models), beat_s)


def _load_s(config: Config) -> float:
    """Seconds to load a model. Raises TooSlowError where the music would stop meanwhile."""
    load_s = _quickest(lambda: _loaded(config), _LOADS, _LONGEST_LOAD_S)
    if load_s > _LONGEST_LOAD_S:
        raise TooSlowError(
            f"{config.model}: takes {load_s:.2g} s to load, and the music would stop for that "
            f"while it plays ({_LONGEST_LOAD_S * 1e3:.0f} ms is the most); start improvd with it"
        )
    return load_s


def _loaded(config: Config) -> Policy:
    """All that a player does to go over to a model, as it is done for the first time."""
    path = find(config.model)
    digest(path)
    return performance.improviser(config, load(path))


def _beat(who: Policy) -> None:
    """What is thought of in a beat: the value that is played, and the one after it."""
    who.step(None)
    who.foresee(who.pick(PLAIN), PLAIN)


def _quickest(work: Callable[[], object], times: int, enough_s: float) -> float:
    """Seconds of the quickest of so many times; no more are tried than are needed to judge."""
    quickest = float("inf")
    for _ in range(times):
        began, busy = time.perf_counter(), time.process_time()
        work()
        # Where a library shares its work among threads, all of them are busy at once.
        lasted = min(time.perf_counter() - began, time.process_time() - busy)
        quickest = min(quickest, lasted)
        if quickest <= enough_s:
            break
    return quickest
