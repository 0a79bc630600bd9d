"""How far the clocks of two machines may differ before it matters."""

from __future__ import annotations

from datetime import timedelta

#: Clocks further apart than this make leases and ages wrong, seconds: what `slotwise doctor` shows,
#: and what a reconciliation accepts.
CLOCKS_DIFFER_S = 2.0
CLOCKS_DIFFER = timedelta(seconds=CLOCKS_DIFFER_S)
