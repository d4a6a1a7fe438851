"""What becomes of the messages of a SIM card that gets another number."""

from __future__ import annotations

from smsc.testing import SmscHandle

OLA, KARI, NEW = "4790000002", "4790000001", "4790100001"


def test_what_the_old_number_held_has_nobody_to_send_it(smsc: SmscHandle) -> None:
    smsc.handset(OLA).enter("laerdal-tunnel")
    held = smsc.send(OLA, KARI, "Hei")
    assert held.state == "held"
    smsc.control("change_number", OLA, {"to": NEW})
    told = smsc.message(held.id)
    assert (told.state, told.reason) == ("undeliverable", "source_unknown_sim")
