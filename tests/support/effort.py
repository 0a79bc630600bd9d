"""How hard property tests try.

`SLOTWISE_TEST_EFFORT=20` runs twenty times the examples, new ones each time. Without it the
examples are half of those with effort 1, and always the same. `make unit` (`pytest --quick`) runs
a fifth.
"""

from __future__ import annotations

import os
import sys

import pytest

EFFORT = "SLOTWISE_TEST_EFFORT"
#: The option of pytest for a quick run, and the part of the examples that it runs. Test processes
#: of pytest-xdist do not have the command line; they inherit the variable.
QUICK, QUICK_VARIABLE, QUICK_PART = "--quick", "SLOTWISE_TEST_QUICK", 0.2
if QUICK in sys.argv:
    os.environ[QUICK_VARIABLE] = "1"
#: The part of the examples of a run without effort: more of them find nothing new, as they are
#: always the same, and take two minutes of computing.
NORMAL_PART = 0.5
#: Whether this is a quick run. Decorators ask before pytest has read its options.
IS_QUICK = QUICK_VARIABLE in os.environ

#: For a test that takes long and adds little to a run of all: it runs with some effort only.
with_effort = pytest.mark.skipif(EFFORT not in os.environ, reason=f"long: {EFFORT}=1 runs it")


def examples(count: int) -> int:
    """Scale a number of examples by the effort asked for; at least one."""
    if IS_QUICK:
        return max(int(count * QUICK_PART), 1)
    if EFFORT not in os.environ:
        return max(round(count * NORMAL_PART), 1)
    return count * int(os.environ[EFFORT])
