"""The command line: `slotwise ...`."""

from __future__ import annotations

import errno
import os
import sys

from workers.launch import isolate

#: Exit status of a command that could not be started.
FAILED = 1
#: The disk is full, or what the user may have of it.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def main() -> None:
    """Run the command line; a SlotwiseError is one line on standard error."""
    try:
        isolate()
    except OSError:
        _fail("the working folder does not exist any more: change to another one, and start again")
    # Imported after the module path is safe.
    from slotwise.errors import SlotwiseError
    from slotwise.printable import escape_what_a_stream_lacks, is_unicode

    escape_what_a_stream_lacks()
    if not all(map(is_unicode, sys.argv)):
        _fail("an argument is not written in UTF-8")

    try:
        # Inside: the tasks read the settings when they are imported, and may find them wrong.
        from workers.commands.root import command_line_for

        try:
            command_line_for(sys.argv[1:])()
        finally:
            # What a full disk refuses is an error here, and not a warning when Python ends.
            sys.stdout.flush()
    except SlotwiseError as error:
        from workers.commands.exit_status import advice_on, exit_status_of

        _fail(f"{error}{advice_on(error)}", exit_status_of(error))
    except BrokenPipeError:
        # The reader has ended, as `head` does once it has its lines.
        _drop_output()
        sys.exit(FAILED)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _drop_output()
        _fail(f"the output cannot be written: {error.strerror}")


def _drop_output() -> None:
    """Write what is left into nothing: it would be refused once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(reason: str, status: int = FAILED) -> None:
    from slotwise.account import masked_in
    from slotwise.printable import printable

    sys.stderr.write(f"slotwise: {printable(masked_in(reason))}\n")
    sys.exit(status)


if __name__ == "__main__":
    main()
