"""An SMSC in your tests: fixtures ``smsc``, ``smsc_server``, ``make_smsc``, and what they hand out."""

from smsc.testing.clock import ClockHandle
from smsc.testing.faults import FaultsHandle
from smsc.testing.handles import EsmeHandle, HandsetHandle
from smsc.testing.messages import MessageHandle
from smsc.testing.server import SmscHandle, start_smsc

__all__ = [
    "ClockHandle",
    "EsmeHandle",
    "FaultsHandle",
    "HandsetHandle",
    "MessageHandle",
    "SmscHandle",
    "start_smsc",
]
