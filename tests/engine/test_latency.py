"""Delays on the radio: responses overtake one another, order and receipts hold, nothing when instant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsc.config.sections import Latency as LatencySettings
from smsc.engine.mt.latency import Latency
from smsc.testing import SmscHandle
from tests.esme import Esme, answer_of, unanswered

pytestmark = pytest.mark.loop

KARI, OLA = "4790000001", "4790000002"
Make = Callable[..., SmscHandle]
REALISTIC = {"preset": "realistic"}


def test_the_median_of_each_leg_is_as_configured_and_the_maximum_holds() -> None:
    latency = Latency(LatencySettings(preset="realistic", maximum="6s"), 7)
    up = sorted(latency.up(ident, 0.0) for ident in range(1, 2000))
    down = sorted(latency.down(ident, 1, 0.0) for ident in range(1, 2000))
    assert 1850 < up[1000] < 2150
    assert 2800 < down[1000] < 3200
    assert up[-1] <= 6000
    assert down[-1] == 6000
    assert down[0] > 0


def test_the_same_seed_draws_the_same_delays_and_another_seed_others() -> None:
    first, again, other = (Latency(LatencySettings(preset="realistic"), seed) for seed in (1, 1, 2))
    assert [first.up(n, 0.0) for n in range(50)] == [again.up(n, 0.0) for n in range(50)]
    assert [first.up(n, 0.0) for n in range(50)] != [other.up(n, 0.0) for n in range(50)]


def test_instant_is_no_delay_but_what_a_zone_adds() -> None:
    latency = Latency(LatencySettings(), 1)
    assert latency.up(1, 0.0) == latency.down(1, 0, 0.0) == 0
    assert latency.down(1, 0, 0.25) == 250


def test_responses_overtake_one_another_and_the_pair_stays_in_order(make_smsc: Make) -> None:
    smsc = make_smsc(latency=REALISTIC)
    kari, ola = Esme(smsc.smpp_address, KARI), Esme(smsc.smpp_address, OLA)
    answered: list[int] = []
    begun = []
    for number in range(30):
        future = kari.begin_submit(OLA, str(number))
        future.add_done_callback(lambda _, number=number: answered.append(number))  # type: ignore[misc]
        begun.append(future)
    kari.ping()
    assert unanswered(begun)
    smsc.clock.advance_until_idle()
    assert [answer_of(one).status for one in begun] == [0] * 30
    assert sorted(answered) == list(range(30))
    assert answered != list(range(30))
    assert ola.receive_all(30) == [str(number) for number in range(30)]
    kari.unbind()
    ola.unbind()


def test_a_receipt_never_comes_before_its_answer(make_smsc: Make) -> None:
    smsc = make_smsc(latency={**REALISTIC, "mo_median": "20s", "mt_median": "1s", "sigma": 2})
    kari, ola = Esme(smsc.smpp_address, KARI), Esme(smsc.smpp_address, OLA)
    begun = [kari.begin_submit(OLA, str(number), registered_delivery=1) for number in range(20)]
    kari.ping()
    seen: set[str] = set()
    for _ in range(20):
        smsc.clock.advance("20s")
        known = {answer_of(one).message_id for one in begun if one.done()}
        while not kari.has_nothing():
            seen.add(kari.receive_receipt().id)
        assert seen <= known
    smsc.clock.advance_until_idle()
    while not kari.has_nothing():
        seen.add(kari.receive_receipt().id)
    assert seen == {answer_of(one).message_id for one in begun}
    kari.unbind()
    ola.unbind()


def test_a_delivery_takes_its_time_on_the_way_down(make_smsc: Make) -> None:
    smsc = make_smsc(latency={**REALISTIC, "mo_median": "0s", "mt_median": "10s", "sigma": 0})
    ola = Esme(smsc.smpp_address, OLA)
    message = smsc.send(KARI, OLA, "Hei")
    smsc.clock.advance("9s")
    assert ola.has_nothing()
    smsc.clock.advance("1s")
    assert ola.receive().text == "Hei"
    found = smsc.message(message.id)
    assert (found.state, found.attempts) == ("delivered", 1)
    ola.unbind()


def test_a_zone_adds_its_own_latency_to_an_attempt_even_when_instant(make_smsc: Make) -> None:
    smsc = make_smsc()
    smsc.control("patch_zone", "oslo", {"latency": 2.5})
    ola = Esme(smsc.smpp_address, OLA)
    smsc.send("4740000003", OLA, "Hei")
    smsc.clock.advance(2.4)
    assert ola.has_nothing()
    smsc.clock.advance(0.1)
    assert ola.receive().text == "Hei"
    ola.unbind()


def test_a_handset_that_enters_the_tunnel_while_it_is_paged_is_absent(make_smsc: Make) -> None:
    smsc = make_smsc(latency={**REALISTIC, "mo_median": "0s", "mt_median": "10s", "sigma": 0})
    ola = Esme(smsc.smpp_address, OLA)
    message = smsc.send(KARI, OLA, "Hei")
    smsc.clock.advance("5s")
    smsc.handset(OLA).enter("laerdal-tunnel")
    smsc.clock.advance("5s")
    found = smsc.message(message.id)
    assert (found.state, found.reason, found.attempts) == ("enroute", "absent_no_paging_response", 1)
    smsc.handset(OLA).leave()
    smsc.clock.advance("10s")
    assert ola.receive().text == "Hei"
    assert smsc.message(message.id).attempts == 2
    ola.unbind()


def test_an_expiry_on_the_way_is_not_overrun(make_smsc: Make) -> None:
    smsc = make_smsc(latency={**REALISTIC, "mo_median": "0s", "mt_median": "50s", "sigma": 0})
    kari, ola = Esme(smsc.smpp_address, KARI), Esme(smsc.smpp_address, OLA)
    begun = kari.begin_submit(OLA, "Hei", validity_period="000000000030000R")
    smsc.clock.advance("1m")
    assert smsc.message(answer_of(begun).message_id).state == "expired"
    assert ola.has_nothing()
    kari.unbind()
    ola.unbind()


def test_deleting_all_messages_answers_what_is_on_its_way_up(make_smsc: Make) -> None:
    smsc = make_smsc(latency=REALISTIC)
    kari = Esme(smsc.smpp_address, KARI)
    begun = kari.begin_submit(OLA, "Hei")
    kari.ping()
    smsc.control("clear_messages")
    assert answer_of(begun).status == 0
    assert smsc.clock.advance("1h")["fired"] == 0
    kari.unbind()
