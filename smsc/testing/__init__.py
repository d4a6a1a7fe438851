"""An SMSC in your tests: the pytest fixtures ``smsc``, ``smsc_server`` and ``make_smsc``, and what they hand out."""

from smsc.testing.handles import ClockHandle, HandsetHandle, MessageHandle
from smsc.testing.server import SmscHandle, start_smsc

__all__ = ["ClockHandle", "HandsetHandle", "MessageHandle", "SmscHandle", "start_smsc"]
