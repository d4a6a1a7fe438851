"""Subscribers as records and CSV: what is shown can be read back."""

from __future__ import annotations

import io
from typing import Any

import pytest

from smsc.routing.records import apply_record, read_subscribers, subscriber_to_record, write_subscribers
from smsc.routing.sim import add_twin, swap_sim
from smsc.routing.subscribers import SUSPENDED, Registry, Subscriber
from smsc.subscriber_fields import CONTENT, MO_SMS


def place_of(zone: str) -> object:
    if zone == "atlantis":
        raise ValueError("zone 'atlantis' is unknown")
    return zone or None


def zone_of(place: object) -> str:
    return "" if place is None else str(place)


def export(registry: Registry) -> str:
    file = io.StringIO()
    write_subscribers(registry, file, zone_of)
    return file.getvalue()


def test_a_record_of_an_untouched_member_of_a_range() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000009, barred=MO_SMS | CONTENT)
    assert subscriber_to_record(registry.find(4790000001), 4790000001) == {
        "msisdn": "4790000001",
        "sim": "active",
        "powered": True,
        "memory_full": False,
        "barred": ["mo_sms", "content"],
        "nod_sms": False,
        "imsi": "242709000000100",
        "iccid": "8947700090000001006",
        "operator": None,
        "main": None,
        "flight_mode": False,
        "network_error": "none",
    }


def test_a_record_is_read_back() -> None:
    before = Subscriber(4790000001)
    before.sim, before.barred, before.powered, before.main = SUSPENDED, CONTENT, False, 4790000002
    record = subscriber_to_record(before, 4790000001)
    after = Subscriber(4790000001)
    assert apply_record(after, {**record, "zone": "oslo"}) == {"zone": "oslo"}
    assert subscriber_to_record(after, 4790000001) == record


@pytest.mark.parametrize(
    "record, fault",
    [
        ({"sim": "lost"}, "sim 'lost' is none of active, suspended, blocked, expired, inactive"),
        ({"powered": "yes"}, "powered 'yes' is not true or false"),
        ({"memory_full": 1}, "memory_full 1 is not true or false"),
        ({"barred": ["voice"]}, "barred .* is not a list of mo_sms, content"),
        ({"barred": "mo_sms"}, "is not a list"),
        ({"imsi": "24270"}, "imsi '24270' is not 15 digits"),
        ({"iccid": "8947001234567890123"}, "valid check digit"),
        ({"operator": 5}, "operator 5 is not a name"),
        ({"main": "+47x"}, "main .* country code first"),
        ({"msisdn": "4790000002"}, "msisdn '4790000002' is not 4790000001"),
    ],
)
def test_a_faulty_record_changes_nothing(record: dict[str, Any], fault: str) -> None:
    subscriber = Subscriber(4790000001)
    before = subscriber_to_record(subscriber, 4790000001)
    with pytest.raises(ValueError, match=fault):
        apply_record(subscriber, {"nod_sms": True, **record})
    assert subscriber_to_record(subscriber, 4790000001) == before


def test_csv_is_written_and_read_back() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000099, place="oslo")
    registry.add_range(47580000000000, 47580000000009, sim=SUSPENDED)
    swap_sim(registry, 4790000001).nod_sms = True
    add_twin(registry, 4790000002, 47580000000001)
    registry.touch(4790000003).barred = MO_SMS | CONTENT
    registry.add(Subscriber(4799000001))
    registry.remove(4790000050)
    text = export(registry)

    copy = Registry()
    count = read_subscribers(text.splitlines(), copy, place_of)
    assert count == copy.count() == registry.count() == 110
    assert export(copy) == text
    assert copy.find(4790000050) is None
    assert copy.find(4790000001).imsi == registry.find(4790000001).imsi
    assert copy.find(4790000004).place == "oslo"
    assert copy.find(47580000000001).main == 4790000002


def test_a_list_needs_only_numbers() -> None:
    registry = Registry()
    assert read_subscribers(["msisdn", "4790000001", "4790000002"], registry, place_of) == 2
    assert registry.count() == 2


def test_a_listed_member_of_a_range_keeps_its_password() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000009, password="1234")
    assert read_subscribers(["msisdn,sim", "4790000001,blocked"], registry, place_of) == 0
    assert registry.touch(4790000001).password == "1234"
    assert registry.count() == 10


@pytest.mark.parametrize(
    "line, fault",
    [
        (",,,", "msisdn '' is not a number"),
        ("4790000001x,,,", "country code first"),
        ("4790000001,4790000009,,yes", "only mobile numbers can use Nød-SMS, one in each row"),
        ("47580000000001,,,yes", "only mobile numbers can use Nød-SMS, one in each row"),
        ("4790000001,479000001,,", "same length and be in order"),
        ("4790000001,,atlantis,", "zone 'atlantis' is unknown"),
        ("4790000001,,,perhaps", "nod_sms 'perhaps' is not yes or no"),
        ("4790000001", "not as many fields"),
    ],
)
def test_a_faulty_line_is_named(line: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"subscribers.csv, line 2: .*{fault}"):
        read_subscribers(["msisdn,last,zone,nod_sms", line], Registry(), place_of, "subscribers.csv")


def test_numbers_are_removed_one_in_each_row() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000009)
    with pytest.raises(ValueError, match="line 2: numbers are removed one in each row"):
        read_subscribers(
            ["msisdn,last,sim", "4790000001,4790000003,removed"],
            registry,
            place_of,
        )
    assert registry.count() == 10
    read_subscribers(["msisdn,sim", "4790000001,removed"], registry, place_of)
    assert registry.count() == 9


def test_a_range_has_no_identity_of_its_own() -> None:
    with pytest.raises(ValueError, match="cannot have one imsi"):
        read_subscribers(["msisdn,last,imsi", "4790000001,4790000009,242709000000100"], Registry(), place_of)


def test_unknown_columns_are_refused() -> None:
    for header in ("sim", "msisdn,colour"):
        with pytest.raises(ValueError, match="line 1: expected the columns msisdn"):
            read_subscribers([header], Registry(), place_of)
