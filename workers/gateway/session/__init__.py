"""The session: the connection to TWS as a table of states, kept until the gateway stops.

What may be changed here: what follows which event of the connection.
"""

from workers.gateway.session.session import Session

__all__ = ["Session"]
