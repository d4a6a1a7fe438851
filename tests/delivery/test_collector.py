"""Messages and queues, which are many and live long, are no work for the cyclic collector when compiled."""

from __future__ import annotations

import gc

import pytest

from smsc import _compiled
from smsc.delivery.message import Message
from smsc.delivery.recipient import Recipient


@pytest.mark.parametrize("module", _compiled.UNCOLLECTED)
def test_the_collector_never_looks_at_them(module: str) -> None:
    if _compiled.extension(module) is None:
        pytest.skip("only for the compiled build")
    recipient = Recipient(4740000003)
    for made in (Message(), recipient, recipient.lane(1, 0)):
        assert not gc.is_tracked(made)
    recipient.discard()
