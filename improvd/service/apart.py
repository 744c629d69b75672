"""Work that may hang, as a file on a network can, done where it holds up nobody."""

import asyncio
import errno
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


async def apart(work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """What `asyncio.to_thread` does, in a thread that the end of the program does not wait for.

    Returns and raises what `work` does. Raises OSError where no thread can be had.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(conclude: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: it came back too late
            loop.call_soon_threadsafe(lambda: None if done.done() else conclude())

    def run() -> None:
        try:
            result = work(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for it
            failed = error
            settle(lambda: done.set_exception(failed))
        else:
            settle(lambda: done.set_result(result))

    try:
        threading.Thread(target=run, name=f"apart: {work}", daemon=True).start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error)) from None
    return await done
