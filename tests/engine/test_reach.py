"""What an attempt meets: weak coverage loses some, good coverage none, and the network has its own errors."""

from __future__ import annotations

import pytest

from smsc.subscriber_fields import NETWORK_ERRORS
from tests.engine.lab import Client, Lab

KARI, OLA = "4790000001", "4790000002"


def two() -> tuple[Lab, Client]:
    lab = Lab()
    lab.bind(OLA)
    return lab, lab.bind(KARI)


def told(client: Client, token: object) -> tuple[str, str | None]:
    message = client.lab.control.message(client.answers[token][1])
    return message["state"], message["reason"]


@pytest.mark.parametrize("loss", [0.0, 1.0])
@pytest.mark.parametrize("coverage", ["good", "weak"])
def test_only_weak_coverage_loses_attempts(coverage: str, loss: float) -> None:
    lab, kari = two()
    lab.control.put_zone("valley", {"coverage": coverage, "loss": loss})
    lab.patch(OLA, zone="valley")
    token = kari.submit(OLA, "Hei")
    lab.settle()
    lost = coverage == "weak" and loss == 1.0
    assert told(kari, token) == (("enroute", "radio_loss") if lost else ("delivered", None))


@pytest.mark.parametrize("error", NETWORK_ERRORS)
def test_what_the_network_answers_is_the_reason(error: str) -> None:
    lab, kari = two()
    lab.patch(OLA, network_error=error)
    token = kari.submit(OLA, "Hei")
    lab.settle()
    state, reason = told(kari, token)
    assert (state == "delivered", reason) == ((True, None) if error == "none" else (False, error))
