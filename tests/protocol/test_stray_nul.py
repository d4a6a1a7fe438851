"""One NUL behind short_message that sm_length does not count, as php-smpp writes it, in requests that are no
submit_sm: those have a parser of their own (test_submit)."""

from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.fields import Destination
from smsc.protocol.sessions.events import Request, Tolerated
from tests.protocol.helpers import bound, frame, pdu, said, submit_fields, tell

REPLACE = {
    "message_id": "7",
    "source_addr_ton": 1,
    "source_addr_npi": 1,
    "source_addr": "4790000001",
    "short_message": b"Hei",
}
MULTI = {
    **{key: value for key, value in submit_fields().items() if not key.startswith("dest")},
    "dest_address": [Destination(1, 1, "4790000002")],
}


@pytest.mark.parametrize(
    ("command", "fields"), [(c.REPLACE_SM, REPLACE), (c.SUBMIT_MULTI, MULTI)], ids=["replace", "multi"]
)
def test_a_nul_behind_the_text_is_tolerated_in_what_is_no_submit_sm(
    command: int, fields: dict[str, Any]
) -> None:
    sound = pdu(command, 7, **fields)
    sent = frame(command, sound[16:] + b"\0", 7)
    session, side = bound()
    tell(side, sent)
    assert [type(event) for event in side.events] == [Tolerated, Request]
    assert side.events[0] == Tolerated(command, 7)
    assert side.events[1].pdu.fields["short_message"] == b"Hei"
    for strict, tail in ((True, b"\0"), (False, b"\0\0\0"), (False, b"x")):
        session, side = bound()
        session.tolerates_nul = not strict
        answered = said(tell(side, frame(command, sound[16:] + tail, 7)))
        assert answered == [(f"{c.COMMANDS[command]}_resp", c.ESME_RINVTLVSTREAM, 7)]
        assert side.events == []
