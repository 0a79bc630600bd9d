"""The command line: `slotwise ...`."""

from __future__ import annotations

import sys

from slotwise.errors import SlotwiseError

#: Exit status of a command that could not do what it was asked.
FAILED = 1


def main() -> None:
    """Run the command line; an error of ours is one line on standard error."""
    try:
        # Inside: the tasks read the settings when they are imported, and may find them wrong.
        from workers.commands.root import command_line_for

        command_line_for(sys.argv[1:])()
    except SlotwiseError as error:
        sys.stderr.write(f"slotwise: {error}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
