"""Every change that the API or a test makes, and every question they ask: plain dicts in and out.

Changes are put in the open commit, so that they survive a restart; whoever must be sure waits for it.
"""

from smsc.control.base import ControlError
from smsc.control.coverage import CoverageControl
from smsc.control.messages.frames import FrameControl
from smsc.control.messages.waiting import WaitControl
from smsc.control.nodes import NodeControl
from smsc.control.observation import ObservationControl
from smsc.control.outages import OutageControl
from smsc.control.outbinds import OutbindControl
from smsc.control.search.following import FollowControl
from smsc.control.services.contacts import ContactControl
from smsc.control.services.emergency import EmergencyControl
from smsc.control.taking import TakingControl
from smsc.control.zones import ZoneControl

__all__ = ["Control", "ControlError"]


class Control(
    FollowControl,
    WaitControl,
    FrameControl,
    TakingControl,
    ZoneControl,
    OutageControl,
    CoverageControl,
    EmergencyControl,
    ContactControl,
    OutbindControl,
    NodeControl,
    ObservationControl,
):
    """The engine's public face. All calls on the event loop's thread, none blocks."""
