"""A number is changed or deleted, or all messages are: what waited for it, or on its handset, ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsc.control.base import moment
from smsc.protocol import constants as c
from tests.engine.lab import Lab, ask

KARI, OLA, NEW = "4790000001", "4790000002", "4741000001"
DAYS = 86_400


def delete(lab: Lab, number: str) -> None:
    lab.control.delete_subscriber(number)


def move(lab: Lab, number: str) -> None:
    lab.control.change_number(number, {"to": NEW})


@pytest.mark.parametrize("go", [delete, move])
@pytest.mark.parametrize("uplink", ["hold", "defer"])
def test_what_its_handset_held_ends_at_once(go: Callable[[Lab, str], None], uplink: str) -> None:
    lab = Lab()
    lab.control.patch_zone("laerdal-tunnel", {"uplink": uplink})
    lab.patch(KARI, zone="laerdal-tunnel")
    kari = lab.bind(KARI)
    sent = kari.submit(OLA, "hei")
    lab.settle()
    go(lab, KARI)
    lab.settle()
    assert kari.answers[sent][0] == (0 if uplink == "hold" else c.ESME_RINVSRCADR)
    assert (lab.engine.unfinished(), lab.engine.outboxes.count(), kari.server.deferred) == (0, 0, 0)


@pytest.mark.parametrize("go", [delete, move])
def test_what_waited_for_it_ends(go: Callable[[Lab, str], None]) -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    kari.submit(OLA, "hei", registered_delivery=1)
    lab.settle()
    go(lab, OLA)
    lab.advance(3 * DAYS)
    assert [receipt.stat for receipt in kari.receipts] == ["UNDELIV"]
    assert lab.engine.unfinished() == 0


def test_who_wants_to_know_of_a_handset_still_does_when_all_messages_are_deleted() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    lab.bind(OLA)
    now = lab.clock.now()
    lab.patch(KARI, zone="hardangervidda")
    lab.control.put_outages("zone", "oslo", {"outages": [{"from": moment(now), "to": moment(now + 600_000)}]})
    lab.patch(OLA, zone="oslo")
    addresses = {"source_addr_ton": 1, "source_addr": KARI, "dest_addr_ton": 1, "destination_addr": OLA}
    ask(kari, c.DATA_SM, [(0x0424, b"hei")], esm_class=2, **addresses)
    lab.settle()
    assert lab.engine.pending_flags.flags
    lab.control.clear_messages()
    lab.advance(601)
    assert lab.engine.pending_flags.flags == {}
