"""Updates of active contracts, by the name under which the gateway has had them from the beginning.

The functions are in `slotwise.update`, since a client in another process makes updates as well.
"""

from __future__ import annotations

from slotwise.update import not_held, update_of

__all__ = ["not_held", "update_of"]
