"""What comes back on submit_sm, at the router's level: one test a row of the table that users rely on."""

from __future__ import annotations

import pytest

from smsc.reasons import REASONS
from smsc.routing.router import ACCOUNT, CONTENT, EMERGENCY, HANDSET, HELPLINE
from smsc.routing.sim import add_twin
from smsc.routing.subscribers import EXPIRED, INACTIVE, SUSPENDED
from smsc.subscriber_fields import CONTENT as CONTENT_BAR
from smsc.subscriber_fields import MO_SMS
from tests.routing.demo import demo_router, destination, source

ROUTER = demo_router()


def sender(key: int, route: int = HANDSET) -> str:
    subscriber = ROUTER.registry.find(key)
    return (
        "source_unknown_sim" if subscriber is None else REASONS[ROUTER.check_sender(subscriber, route)].name
    )


def status(reason: str) -> int:
    return next(row.command_status for row in REASONS if row.name == reason)


def test_accepted() -> None:
    assert source(ROUTER, "4790000001", "4790000001") == 4790000001
    assert sender(4790000001) == "none"
    assert destination(ROUTER, "4790000002") == "handset"


def test_source_is_not_the_bound_sim() -> None:
    assert source(ROUTER, "4790000001", "4790000002") == "source_not_allowed"
    assert status("source_not_allowed") == 0x0A


def test_source_is_an_unknown_sim() -> None:
    assert sender(4798765432) == "source_unknown_sim"
    assert status("source_unknown_sim") == 0x0A


@pytest.mark.parametrize(
    "key, reason",
    [
        (4799000001, "sim_suspended"),
        (4799000002, "sim_blocked"),
        (4799000003, "sim_expired"),
        (4799000004, "sim_inactive"),
    ],
)
def test_sim_suspended_blocked_expired_not_activated(key: int, reason: str) -> None:
    for route in (HANDSET, ACCOUNT, EMERGENCY, HELPLINE, CONTENT):
        assert sender(key, route) == reason
    assert status(reason) == 0x45


def test_outgoing_sms_barred_except_to_emergency_numbers() -> None:
    for route in (HANDSET, ACCOUNT, HELPLINE, CONTENT):
        assert sender(4799000005, route) == "outgoing_sms_barred"
    assert sender(4799000005, EMERGENCY) == "none"
    assert status("outgoing_sms_barred") == 0x45


def test_content_services_barred() -> None:
    assert sender(4799000008, CONTENT) == "content_barred"
    for route in (HANDSET, ACCOUNT, EMERGENCY, HELPLINE):
        assert sender(4799000008, route) == "none"
    assert status("content_barred") == 0x45


@pytest.mark.parametrize(
    "text, reason",
    [
        ("+46701234567", "destination_foreign"),
        ("22222222", "destination_fixed_line"),
        ("1412", "destination_text_telephone"),
        ("00471412", "destination_text_telephone"),
        ("68050000", "destination_blocked_range"),
        ("0191234567", "destination_reserved"),
        ("82215000", "destination_unassigned"),
        ("05000", "destination_unassigned"),
        ("9123456", "destination_wrong_length"),
        ("091234567", "destination_wrong_length"),
        ("91-23-45-67", "destination_malformed"),
        ("", "destination_malformed"),
        ("80012345", "destination_no_sms"),
    ],
)
def test_destination_foreign_fixed_1412_blocked_reserved_unassigned_or_of_a_wrong_form(
    text: str, reason: str
) -> None:
    assert destination(ROUTER, text) == reason
    assert status(reason) == 0x0B


def test_destination_ton_5() -> None:
    assert destination(ROUTER, "Shop", 5) == "destination_ton"
    assert status("destination_ton") == 0x50


def test_destination_npi_neither_0_nor_1() -> None:
    assert destination(ROUTER, "90000002", 0, 9) == "destination_npi"
    assert status("destination_npi") == 0x51


def test_a_norwegian_mobile_number_that_is_no_subscriber_is_accepted() -> None:
    assert destination(ROUTER, "98765432") == "handset"
    assert ROUTER.registry.find(4798765432) is None


def test_an_unregistered_sender_reaches_the_emergency_route() -> None:
    assert destination(ROUTER, "112") == "emergency"
    assert status("emergency_not_registered") == 0x00


@pytest.mark.parametrize(
    "key, reason",
    [
        (4790000001, "none"),
        (4799000001, "call_barred"),
        (4799000002, "illegal_subscriber"),
        (4799000003, "unknown_subscriber"),
        (4799000004, "teleservice_not_provisioned"),
        (4799000005, "none"),
    ],
)
def test_who_may_receive(key: int, reason: str) -> None:
    subscriber = ROUTER.registry.find(key)
    assert subscriber is not None
    assert REASONS[ROUTER.check_receiver(subscriber)].name == reason


def test_a_twin_sim_shares_its_subscription_but_not_its_card() -> None:
    router = demo_router()
    twin = add_twin(router.registry, 4790000001, 47580000000001)
    main = router.registry.touch(4790000001)

    def of_twin() -> str:
        return REASONS[router.check_sender(twin, HANDSET)].name

    assert of_twin() == "none"
    main.sim = SUSPENDED
    assert of_twin() == "sim_suspended"
    main.sim = EXPIRED
    assert of_twin() == "sim_expired"
    main.sim = INACTIVE
    assert of_twin() == "none"
    router.registry.remove(4790000001)
    assert of_twin() == "sim_expired"
    twin.barred = MO_SMS | CONTENT_BAR
    router.registry.add(main)
    main.sim = 0
    assert of_twin() == "outgoing_sms_barred"
