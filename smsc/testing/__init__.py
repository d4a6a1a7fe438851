"""An SMSC in your tests: fixtures ``smsc``, ``smsc_server``, ``make_smsc``, and what they hand out."""

from smsc.testing.handles import ClockHandle, HandsetHandle, MessageHandle
from smsc.testing.server import SmscHandle, start_smsc

__all__ = ["ClockHandle", "HandsetHandle", "MessageHandle", "SmscHandle", "start_smsc"]
