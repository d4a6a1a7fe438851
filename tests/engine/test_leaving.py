"""What a handset sends from a tunnel is judged again when it leaves: by the SIM and the barrings of then."""

from __future__ import annotations

import pytest

from smsc.testing import SmscHandle
from tests.esme import Esme

pytestmark = pytest.mark.usefixtures("late")

OLA, KARI, NEW, BARRED = "4790000002", "4790000001", "4790100001", "4799000008"


def test_what_the_old_number_held_has_nobody_to_send_it(smsc: SmscHandle) -> None:
    smsc.handset(OLA).enter("laerdal-tunnel")
    held = smsc.send(OLA, KARI, "Hei")
    assert held.state == "held"
    smsc.control("change_number", OLA, {"to": NEW})
    told = smsc.message(held.id)
    assert (told.state, told.reason) == ("undeliverable", "source_unknown_sim")


@pytest.mark.parametrize("uplink", ["hold", "defer"])
def test_a_stop_from_a_tunnel_gets_through_though_content_is_barred(smsc: SmscHandle, uplink: str) -> None:
    smsc.control("patch_zone", "laerdal-tunnel", {"uplink": uplink})
    handset, quiz = Esme(smsc.smpp_address, BARRED), Esme(smsc.smpp_address, "quiz", "quiz2097")
    smsc.handset(BARRED).enter("laerdal-tunnel")
    handset.begin_submit("2097", "STOPP")
    handset.ping()
    smsc.handset(BARRED).leave()
    assert quiz.receive().text == "STOPP"
    for bound in (handset, quiz):
        bound.drop()
