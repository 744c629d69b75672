"""Where improvd begins: what takes longest first, and only then what reads the command line."""

import sys

from improvd.service.players import head_start


def main() -> None:
    """Run the command line; a player is on its way meanwhile, if it asks for music."""
    first = head_start.begun(sys.argv[1:])
    try:
        from improvd import commands  # noqa: PLC0415 - a player must not wait for it

        commands.main(obj=first)
    finally:
        if first is not None:
            first.give_up()


if __name__ == "__main__":
    main()
