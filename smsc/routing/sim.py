"""IMSI and ICCID of simulated SIMs, Luhn check digits, and what can happen to a SIM card.

The fictitious operator uses MCC 242 with MNC 70 (test networks need no application) for 8-digit numbers and
71 to 75 (private networks) for 12-digit ones. A SIM that nobody named has numbers derived from its MSISDN, so
that a range of subscribers needs no storage and two runs agree.
"""

from __future__ import annotations

from smsc.routing.plan_data import is_of
from smsc.routing.subscribers import ACTIVE, BLOCKED, Registry, Subscriber
from smsc.subscriber_fields import check_luhn, luhn_digit, valid_iccid, valid_imsi

MCC = "242"
MNC = "70"
MNC_M2M = 71
_M2M_GENERATIONS = 5
_GENERATIONS = 100
_ICCID_PREFIX = "894770"
"""Telecom (89), Norway (47), and an issuer of our own (70): real issuer numbers are not known."""


def valid_imei(imei: str) -> bool:
    """Tell whether `imei` is 15 digits ending with its check digit (3GPP TS 23.003 §6.2.1)."""
    return len(imei) == 15 and check_luhn(imei)


def derived_imsi(key: int, generation: int = 0) -> str:
    """Return the IMSI of the `generation`-th SIM of a number of 8 or 12 national digits.

    Distinct for all numbers and generations: 0-99 with 8 digits, 0-4 with 12. Raises ValueError beyond.
    """
    national = str(key)[2:]
    if len(national) == 8 and 0 <= generation < _GENERATIONS:
        return f"{MCC}{MNC}{national}{generation:02}"
    if len(national) == 12 and 0 <= generation < _M2M_GENERATIONS:
        return f"{MCC}{MNC_M2M + generation}{national[2:]}"
    raise ValueError(f"no IMSI can be derived for SIM {generation} of {key}: give one")


def derived_iccid(imsi: str) -> str:
    """Return the 19-digit ICCID that goes with an IMSI, another one for each of a derived IMSI's kind."""
    digits = f"{_ICCID_PREFIX}{(100 + int(imsi[3:5]) - int(MNC)) % 100:02}{imsi[5:]}"
    return digits + str(luhn_digit(digits))


def derived_imei(key: int) -> str:
    """Return the IMEI of the handset that the SIM of a number is in, as far as anybody knows: a test
    equipment's
    (reporting body 00), with the number's own digits, and its check digit (3GPP TS 23.003 §6.2.1)."""
    digits = f"{str(key)[2:]:0>14}"
    return digits + str(luhn_digit(digits))


def generation_of(key: int, imsi: str | None) -> int:
    """Return which derived SIM of the number has this IMSI; -1 when it was not derived."""
    if imsi is None:
        return 0
    generations = _GENERATIONS if len(str(key)) == 10 else _M2M_GENERATIONS
    return next((g for g in range(generations) if derived_imsi(key, g) == imsi), -1)


def imsi_of(subscriber: Subscriber, key: int) -> str:
    """Return the IMSI of the SIM that has number `key`, given or derived."""
    return subscriber.imsi or derived_imsi(key)


def iccid_of(subscriber: Subscriber, key: int) -> str:
    """Return the ICCID of the SIM that has number `key`, given or derived."""
    return subscriber.iccid or derived_iccid(imsi_of(subscriber, key))


def swap_sim(registry: Registry, key: int, imsi: str | None = None, iccid: str | None = None) -> Subscriber:
    """Put a new, active SIM card under the number and return its subscriber.

    The number keeps its place, barrings and registration; IMSI and ICCID change. An empty memory is part of
    a new card. Raises KeyError for an unknown number, ValueError for an invalid IMSI or ICCID.
    """
    subscriber = registry.touch(key)
    if imsi is None:
        imsi = derived_imsi(key, generation_of(key, subscriber.imsi) + 1)
    if iccid is None:
        iccid = derived_iccid(imsi)
    _check(imsi, iccid)
    subscriber.imsi = imsi
    subscriber.iccid = iccid
    subscriber.sim = ACTIVE
    subscriber.memory_full = False
    return subscriber


def report_lost(registry: Registry, key: int) -> Subscriber:
    """Block the SIM of a number reported lost or stolen; `swap_sim` gives the number a new one."""
    subscriber = registry.touch(key)
    subscriber.sim = BLOCKED
    return subscriber


def change_number(registry: Registry, old: int, new: int) -> Subscriber:
    """Give the SIM of number `old` the number `new` and return its subscriber; `old` becomes unknown.

    The SIM card stays the same. The registration for emergency SMS belongs to the number and does not move.
    Raises KeyError when `old` is unknown, ValueError when `new` is in use.
    """
    if registry.find(new) is not None:
        raise ValueError(f"{new} is in use")
    before = registry.touch(old)
    imsi, iccid = imsi_of(before, old), iccid_of(before, old)
    after = before.copy(new)
    after.imsi, after.iccid, after.nod_sms = imsi, iccid, False
    registry.remove(old)
    registry.add(after)
    for twin in registry.twins(old):
        registry.share(twin, new)
    return after


def add_twin(registry: Registry, main: int, twin: int) -> Subscriber:
    """Give the subscription of `main` a second SIM with a 12-digit number and return its subscriber.

    The twin shares what belongs to the subscription (see `Subscriber.main`); its SIM and handset are its own.
    Raises KeyError when `main` is unknown, ValueError when `twin` has not 12 digits or shares already.
    """
    subscription = registry.find(main)
    if subscription is None:
        raise KeyError(main)
    if not is_of("m2m_iot", twin):
        raise ValueError(f"{twin}: a twin SIM has a 12-digit number that begins with 58")
    if registry.find(twin) is None:
        added = subscription.copy(twin)
        added.imsi, added.iccid, added.nod_sms, added.sim = None, None, False, ACTIVE
        registry.add(added)
    subscriber = registry.touch(twin)
    if subscriber.main not in (0, main):
        raise ValueError(f"{twin} shares the subscription of {subscriber.main}")
    registry.share(subscriber, main)
    return subscriber


def _check(imsi: str, iccid: str) -> None:
    if not valid_imsi(imsi):
        raise ValueError(f"IMSI {imsi!r} is not 15 digits")
    if not valid_iccid(iccid):
        raise ValueError(f"ICCID {iccid!r} is not 19 or 20 digits from 89 with a valid check digit")
