"""A small world for the routing tests: the demo world's numbers and accounts, without radio and sessions."""

from __future__ import annotations

from smsc.reasons import REASONS
from smsc.routing import accounts as kinds
from smsc.routing.accounts import Account, Accounts, handset
from smsc.routing.numbering import load_plan
from smsc.routing.plan_data import NumberingRules
from smsc.routing.router import ROUTE_NAMES, Router
from smsc.routing.special import HeldNumber, Helpline, ShortCode, SpecialNumbers, default_helplines
from smsc.routing.subscribers import (
    ACTIVE,
    BLOCKED,
    EXPIRED,
    INACTIVE,
    SUSPENDED,
    Registry,
    Subscriber,
)
from smsc.subscriber_fields import CONTENT, MO_SMS

OSLO = object()


def demo_registry() -> Registry:
    """The subscribers of the demo world."""
    registry = Registry()
    registry.add_range(4790000000, 4790099999, place=OSLO, password="1234")
    registry.add_range(4740000000, 4740009999, password="1234")
    registry.add_range(47580000000000, 47580000000099, place=OSLO, password="1234")
    states = (ACTIVE, SUSPENDED, BLOCKED, EXPIRED, INACTIVE, ACTIVE, ACTIVE, ACTIVE, ACTIVE)
    for last, sim in enumerate(states):
        subscriber = Subscriber(4799000000 + last)
        subscriber.sim = sim
        subscriber.barred = {5: MO_SMS, 8: CONTENT}.get(last, 0)
        if last:
            registry.add(subscriber)
    return registry


def demo_accounts() -> Accounts:
    """The accounts of the demo world."""
    accounts = Accounts()
    for account in (
        Account("psap110", "nodsms", kinds.EMERGENCY, numbers=[4759555110]),
        Account("psap112", "nodsms", kinds.EMERGENCY, numbers=[4759555112]),
        Account("psap113", "nodsms", kinds.EMERGENCY, numbers=[4759555113]),
        Account("alarmtlf", "116111", kinds.HELPLINE, numbers=[47116111]),
        Account("quiz", "quiz2097", kinds.CONTENT, numbers=[472097]),
        Account("giver", "giver", kinds.CONTENT, numbers=[472440]),
        Account("skatt", "skatt", kinds.AGENCY, senders=[b"Skatteetaten"]),
        Account("shop", "shop", kinds.ESME, numbers=[4759000001], senders=[b"Shop"]),
        Account("farm", "farm", kinds.FARM, ranges=[(4790000000, 4790099999)]),
        Account("bank", "bank", kinds.ESME, numbers=[4702000, 4741234567, 472222]),
    ):
        accounts.add(account)
    return accounts


def demo_router(rules: NumberingRules | None = None, now: int = 2**41) -> Router:
    """A router over the demo world; `now` is after every default assignment began."""
    plan = load_plan(rules)
    special = SpecialNumbers(
        default_helplines(rules),
        [ShortCode(4726114, provider="quiz", price_nok=5.0), ShortCode(472440, provider="giver")],
        [HeldNumber(4703000, "Holder without SMS"), HeldNumber(4704000, "Holder", account="shop")],
    )
    special.remove_helpline(47116117)
    special.add_helpline(Helpline(47116117, "Legevakt", "doctor", sms=True, account="alarmtlf"))
    return Router(plan, demo_registry(), demo_accounts(), special, now)


def account_of(router: Router, system_id: str) -> Account:
    """The account of that system_id, a handset's when it is all digits."""
    account = router.accounts.by_system_id(system_id)
    return handset(int(system_id), "1234") if account is None else account


def destination(router: Router, text: str, ton: int = 0, npi: int = 1) -> str:
    """Where a message to `text` goes: the name of the route, or of the reason that refuses it."""
    answer = router.read_text(ton, npi, text)
    if answer > 0:
        answer = router.route(answer >> 8, answer & 255)
    return ROUTE_NAMES[answer] if answer > 0 else REASONS[-answer].name


def source(router: Router, system_id: str, text: str, ton: int = 1, npi: int = 1) -> int | str:
    """The key that `system_id` sends as (0 alphanumeric), or the name of the reason that refuses it."""
    plain = text.isascii() and text.isdigit() and len(text) <= 18
    answer = router.check_source(
        account_of(router, system_id),
        ton,
        npi,
        int(text) if plain else (0 if not text else -1),
        len(text),
        b"" if plain else text.encode(),
    )
    return answer if answer >= 0 else REASONS[-answer].name
