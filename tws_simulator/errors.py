"""Every error of the simulator, one tree."""

from __future__ import annotations


class SimulatorError(Exception):
    """The simulator cannot do what its user asked for; the message is one line."""


class UsageError(SimulatorError):
    """An option of the command line makes no sense."""


class PortfolioError(SimulatorError):
    """The portfolio file cannot be read or has the wrong shape."""


class ScenarioError(SimulatorError):
    """The scenario file cannot be read or has a step that makes no sense."""


class LedgerError(SimulatorError):
    """The ledger file cannot be written."""


class WireLogError(SimulatorError):
    """The wire log cannot be written."""


class HoldingsError(SimulatorError):
    """The file of holdings cannot be written."""


class ListenError(SimulatorError):
    """The address cannot be listened on."""


class ControlError(SimulatorError):
    """A command on the control port makes no sense."""


class RemoteError(Exception):
    """A client did something TWS would not accept."""


class FrameError(RemoteError):
    """A client's bytes are no frames; the connection cannot go on."""


class MalformedRequest(RemoteError):
    """A client's frame cannot be read as the request it claims to be."""
