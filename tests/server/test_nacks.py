"""A generic_nack as the answer to a deliver_sm: nothing was delivered, whatever its status says."""

from __future__ import annotations

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import pdu_octets
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
KARI, OLA = "4790000001", "4790000002"


def test_a_nack_with_status_0_is_no_delivery(smsc: SmscHandle) -> None:
    with Peer(smsc.host, smsc.port) as ola:
        assert ola.bind(OLA) == 0
        message = smsc.send(KARI, OLA, "Hei", receipt=True)
        (first,) = ola.deliveries(1, answer=False)
        ola.send(pdu_octets(c.GENERIC_NACK, 0, first.sequence))
        told = smsc.wait_for_message(destination=OLA, state="enroute")
        while told.attempts == 0 or "attempt_failed" not in str(told.timeline):
            told = smsc.message(message.id)
        assert (told.state, told.reason) == ("enroute", "ms_temporary")
        smsc.clock.advance("5min")
        (again,) = ola.deliveries(1)
        assert again.fields["short_message"] == b"Hei"
        assert smsc.wait_for_message(destination=OLA, state="delivered").id == message.id


def test_a_nack_with_a_status_is_that_answer(smsc: SmscHandle) -> None:
    with Peer(smsc.host, smsc.port) as ola:
        assert ola.bind(OLA) == 0
        smsc.send(KARI, OLA, "Hei")
        (delivered,) = ola.deliveries(1, answer=False)
        ola.send(pdu_octets(c.GENERIC_NACK, c.ESME_RINVCMDID, delivered.sequence))
        assert smsc.wait_for_message(destination=OLA, state="undeliverable").reason == "ms_rejected"
