"""The rest of the service, as those who steer it need it."""

from pathlib import Path
from typing import Protocol

from improvd.config import Config
from improvd.messages import LiveOrder, Perform
from improvd.shared import Peers


class SteeredDaemon(Protocol):
    """No method blocks."""

    @property
    def perform(self) -> Perform:
        """What is performed now, all orders that were carried out worked into it."""

    @property
    def alive(self) -> bool:
        """Whether a player plays."""

    def order(self, order: LiveOrder) -> None:
        """Have the player do this."""

    async def try_out(self, config: Config) -> None:
        """Have a player that does not play try this configuration's model.

        Raises ValueError, one sentence, where it cannot take over while another one plays.
        """

    @property
    def saves(self) -> int:
        """How many snapshots players have saved."""

    @property
    def saved(self) -> bytes | None:
        """The latest of them."""

    @property
    def peers(self) -> Peers:
        """Who is connected to the player's ports."""

    def hear(self, stamp_ns: int, message: bytes) -> None:
        """Have the player hear a message that was struck at this nanosecond."""

    def show(self, link: str) -> None:
        """Show the person where the live page is."""

    def say(self, sentence: str) -> None:
        """Let the person know, as with what the player notices."""

    def keep(self) -> Path:
        """Write the last bars into a .mid file. Raises OSError, or ValueError with a sentence."""

    def snapshot(self) -> Path:
        """Write down where the music is. Raises OSError, or ValueError with a sentence."""

    def stop(self) -> None:
        """End the music and the service."""
