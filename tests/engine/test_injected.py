"""What comes by data_sm, submit_multi or the API is taken or refused, never both."""

from __future__ import annotations

from typing import Any

import pytest

from smsc.control import ControlError
from smsc.protocol import constants as c
from smsc.protocol.pdu.fields import Destination
from smsc.store.base import StoreError, StoreFull
from tests.engine.lab import Client, Lab, ask

KARI, OLA = "4790000001", "4790000002"
FROM: dict[str, Any] = {"source_addr_ton": 1, "source_addr": KARI}


@pytest.fixture
def kari() -> Client:
    """Where there is no coverage, and submissions are deferred."""
    lab = Lab()
    lab.control.patch_zone("laerdal-tunnel", {"uplink": "defer"})
    lab.patch(KARI, zone="laerdal-tunnel")
    return lab.bind(KARI)


def assert_nothing_comes_of_it(kari: Client) -> None:
    lab, ola = kari.lab, kari.lab.bind(OLA)
    lab.patch(KARI, zone="oslo")
    assert ola.inbox == []
    assert (lab.engine.unfinished(), lab.engine.outboxes.count()) == (0, 0)


def test_a_refused_data_sm_is_not_deferred(kari: Client) -> None:
    answer = ask(kari, c.DATA_SM, [(0x0424, b"hei")], dest_addr_ton=1, destination_addr=OLA, **FROM)
    kari.lab.settle()
    assert kari.answers[answer][0] != 0
    assert_nothing_comes_of_it(kari)


def test_a_refused_submit_multi_is_not_deferred(kari: Client) -> None:
    to = [Destination(1, 1, OLA)]
    answer = ask(kari, c.SUBMIT_MULTI, dest_address=to, short_message=b"hei", **FROM)
    kari.lab.settle()
    assert kari.answers[answer][0] != 0
    assert_nothing_comes_of_it(kari)


def test_a_refused_injection_is_not_deferred(kari: Client) -> None:
    with pytest.raises(ControlError):
        kari.lab.control.inject({"source": KARI, "destination": OLA, "text": "hei"})
    assert_nothing_comes_of_it(kari)


@pytest.mark.parametrize("uplink", ["defer", "lose", "reject"])
def test_without_coverage_a_data_sm_is_refused(kari: Client, uplink: str) -> None:
    """ESME_ROK would promise that it is not lost."""
    kari.lab.control.patch_zone("laerdal-tunnel", {"uplink": uplink})
    answer = ask(kari, c.DATA_SM, [(0x0424, b"hei")], dest_addr_ton=1, destination_addr=OLA, **FROM)
    kari.lab.settle()
    assert kari.answers[answer] == (c.ESME_RSUBMITFAIL, "")


def in_transaction(kari: Client) -> object:
    fields = {"dest_addr_ton": 1, "destination_addr": OLA, "esm_class": 2, **FROM}
    return ask(kari, c.DATA_SM, [(0x0424, b"hei")], **fields)


def test_a_transaction_that_is_forgotten_is_answered() -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    lab.bind(OLA, answer=None)
    answer = in_transaction(kari)
    lab.settle()
    assert kari.answers == {}
    lab.control.clear_messages()
    lab.settle()
    assert kari.answers[answer] == (c.ESME_RDELIVERYFAILURE, "")
    assert (kari.server.deferred, lab.engine.transactions.owed) == (0, {})


@pytest.mark.parametrize(("error", "status"), [(StoreFull, c.ESME_RMSGQFUL), (StoreError, c.ESME_RSYSERR)])
def test_a_transaction_that_is_not_kept_is_answered(error: type[StoreError], status: int) -> None:
    lab = Lab()
    kari = lab.bind(KARI)
    answer = in_transaction(kari)
    lab.carry()
    lab.store.fail(error("no"))
    lab.settle()
    assert kari.answers[answer] == (status, "")
    assert (kari.server.deferred, lab.engine.transactions.owed, lab.engine.unfinished()) == (0, {}, 0)
