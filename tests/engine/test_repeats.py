"""policy.filter_repeats: a repeat is known by its user_message_reference, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsc.testing import SmscHandle
from tests.esme import Esme

pytestmark = pytest.mark.loop

KARI, OLA, PER = "4790000001", "4790000002", "4790000003"
Make = Callable[..., SmscHandle]
ON = {"policy": {"filter_repeats": True}}


def referred(number: int) -> list[tuple[int, bytes]]:
    return [(0x0204, number.to_bytes(2, "big"))]


def ids(smsc: SmscHandle, *sent: tuple[str, str, int | None]) -> list[str]:
    kari = Esme(smsc.smpp_address, KARI)
    found = [
        kari.submit(to, text, tlvs=() if reference is None else referred(reference)).message_id
        for to, text, reference in sent
    ]
    kari.drop()
    return found


def test_a_repeat_gets_the_first_id_and_is_not_stored_again(make_smsc: Make) -> None:
    smsc = make_smsc(**ON)
    first, second = ids(smsc, (OLA, "hei", 7), (OLA, "hei", 7))
    assert first == second
    assert len(smsc.messages()) == 1


def test_repeats_in_one_window_are_answered_with_the_first_id(make_smsc: Make) -> None:
    smsc = make_smsc(**ON)
    kari = Esme(smsc.smpp_address, KARI)
    begun = [kari.begin_submit(OLA, "hei", tlvs=referred(9)) for _ in range(5)]
    assert len({str(one.result(5).fields["message_id"]) for one in begun}) == 1
    assert len(smsc.messages()) == 1
    kari.drop()


def test_a_second_hei_without_a_reference_is_a_second_message(make_smsc: Make) -> None:
    smsc = make_smsc(**ON)
    assert len(set(ids(smsc, (OLA, "hei", None), (OLA, "hei", None)))) == 2


def test_another_reference_recipient_or_text_is_another_message(make_smsc: Make) -> None:
    smsc = make_smsc(**ON)
    assert len(set(ids(smsc, (OLA, "hei", 1), (OLA, "hei", 2), (PER, "hei", 1), (OLA, "ha det", 1)))) == 4


def test_nothing_is_filtered_unless_switched_on(smsc_server: SmscHandle) -> None:
    assert len(set(ids(smsc_server, (OLA, "hei", 7), (OLA, "hei", 7)))) == 2


def test_after_ten_minutes_the_reference_may_come_round(make_smsc: Make) -> None:
    smsc = make_smsc(**ON)
    first = ids(smsc, (OLA, "hei", 7))
    smsc.clock.advance("10m")
    assert ids(smsc, (OLA, "hei", 7)) == first
    smsc.clock.advance("1s")
    assert ids(smsc, (OLA, "hei", 7)) != first


def test_an_emergency_is_never_filtered(make_smsc: Make) -> None:
    smsc = make_smsc(**ON)
    sender = Esme(smsc.smpp_address, "4790000112")
    first, second = (sender.submit("112", "Hjelp", tlvs=referred(3)).message_id for _ in range(2))
    assert first != second
    sender.drop()


def test_a_repeat_over_a_durable_store_waits_for_the_first(make_smsc: Make, tmp_path: object) -> None:
    smsc = make_smsc(store={"url": f"sqlite:{tmp_path}/smsc.db"}, **ON)
    kari = Esme(smsc.smpp_address, KARI)
    begun = [kari.begin_submit(OLA, "hei", tlvs=referred(9)) for _ in range(5)]
    assert len({str(one.result(5).fields["message_id"]) for one in begun}) == 1
    kari.drop()
