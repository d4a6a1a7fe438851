"""Where a message goes: handset, account, emergency centre, helpline, content provider, or a refusal."""

from __future__ import annotations

import pytest

from smsc.routing import accounts as kinds
from smsc.routing.accounts import Account
from smsc.routing.plan_data import NumberingRules
from smsc.routing.router import HANDSET, HELPLINE
from smsc.routing.special import FOREVER, HeldNumber, Helpline, ShortCode
from tests.routing.demo import demo_router, destination

ROUTER = demo_router()


def taker(text: str) -> str | None:
    answer = ROUTER.read_text(0, 1, text)
    account = ROUTER.account_of(answer >> 8)
    return None if account is None else account.system_id


@pytest.mark.parametrize(
    "text, route, system_id",
    [
        ("4790000001", "handset", None),
        ("90000001", "handset", None),
        ("+4799999999", "handset", None),
        ("580000000007", "handset", None),
        ("59000002", "handset", None),
        ("59000001", "account", "shop"),
        ("41234567", "account", "bank"),
        ("02000", "account", "bank"),
        ("04000", "account", "shop"),
        ("2222", "account", "bank"),
        ("110", "emergency", "psap110"),
        ("112", "emergency", "psap112"),
        ("113", "emergency", "psap113"),
        ("0047 59 555 112", "emergency", "psap112"),
        ("116111", "helpline", "alarmtlf"),
        ("116117", "helpline", "alarmtlf"),
        ("116006", "helpline", None),
        ("116123", "helpline", None),
        ("2097", "content", "quiz"),
        ("2440", "content", "giver"),
        ("26114", "content", "quiz"),
    ],
)
def test_route_and_who_takes_it(text: str, route: str, system_id: str | None) -> None:
    assert destination(ROUTER, text) == route
    assert taker(text) == system_id


@pytest.mark.parametrize(
    "text, reason",
    [
        ("03000", "destination_no_sms"),
        ("05000", "destination_unassigned"),
        ("190", "destination_unassigned"),
        ("1881", "destination_unassigned"),
        ("116000", "helpline_unassigned"),
        ("116999", "helpline_unassigned"),
        ("2098", "code_unknown"),
        ("26115", "code_unknown"),
        ("1999", "code_unknown"),
    ],
)
def test_numbers_that_nobody_holds_are_refused(text: str, reason: str) -> None:
    assert destination(ROUTER, text) == reason


def test_1_3_dialogue_digits_follow_the_longest_known_code() -> None:
    for text in ("20971", "209712", "2097123", "2611412", "244099999"):
        assert destination(ROUTER, text) == "content"
    assert taker("20971") == "quiz"
    assert taker("2440991") == "giver"
    answer = ROUTER.read_text(0, 1, "2611477")
    assert answer >> 8 == 472611477
    assert ROUTER.code_of(answer >> 8) == 4726114


def test_1_3_dialogue_digits_never_hide_another_number_of_the_plan() -> None:
    assert destination(ROUTER, "20971234") == "destination_fixed_line"
    assert ROUTER.code_of(4720971234) == 0
    assert destination(ROUTER, "2097", 3) == destination(ROUTER, "209712", 3) == "content"
    assert destination(ROUTER, "2098123") == "destination_wrong_length"
    assert destination(ROUTER, "209712", 1) == "destination_wrong_length"
    assert destination(ROUTER, "2097123456789012") == "destination_wrong_length"


@pytest.mark.parametrize(
    ("text", "ton", "npi", "is_code"),
    [
        ("20971", 0, 0, True),
        ("20971", 0, 1, True),
        ("20971", 2, 1, True),
        ("20971", 3, 1, True),
        ("20971", 6, 1, True),
        ("20971", 1, 1, False),
        ("20971", 4, 1, False),
        ("20971", 0, 2, False),
        ("20970", 0, 1, True),
        ("20970000000000", 0, 1, True),
        ("209700000000000", 0, 1, False),
        ("0020971", 0, 1, False),
    ],
)
def test_1_3_dialogue_digits_are_read_in_these_types_of_number_up_to_14_digits(
    text: str, ton: int, npi: int, is_code: bool
) -> None:
    answer = ROUTER.read_text(ton, npi, text)
    assert (answer > 0 and ROUTER.code_of(answer >> 8) == 472097) is is_code
    if is_code:
        assert answer >> 8 == int("47" + text)
        assert ROUTER.plan.rows[answer & 255].type == "sms_short_code"
    assert ROUTER.read(ton, npi, int(text), len(text)) == answer


def test_a_code_is_not_found_inside_a_longer_number() -> None:
    assert ROUTER.code_of(4790000001) == 0
    assert ROUTER.code_of(472097) == 472097
    assert ROUTER.code_of(4720970) == 472097
    assert ROUTER.code_of(0) == 0
    assert ROUTER.code_of(-1) == 0


def test_an_owned_number_goes_to_its_owner_from_then_on() -> None:
    router = demo_router()
    assert destination(router, "59000009") == "handset"
    router.accounts.add(Account("new", "secret", kinds.ESME, numbers=[4759000009, 472999]))
    assert destination(router, "2999") == "code_unknown"
    router.update(0)
    assert destination(router, "59000009") == "account"
    assert destination(router, "2999") == "account"
    router.accounts.remove("new")
    router.update(0)
    assert destination(router, "59000009") == "handset"
    assert destination(router, "2999") == "code_unknown"


def test_e14_an_unassigned_helpline_is_not_routed_until_its_day_and_after_it() -> None:
    router = demo_router(now=0)
    router.special.add_helpline(Helpline(47116000, "Holder", "missing children", 1000, 2000))
    assert router.update(0) == 1000
    assert destination(router, "116000") == "helpline_unassigned"
    assert router.update(1000) == 2000
    assert destination(router, "116000") == "helpline"
    router.update(2000)
    assert destination(router, "116000") == "helpline_unassigned"


def test_codes_and_held_numbers_follow_their_dates() -> None:
    router = demo_router(now=0)
    router.special.add_code(ShortCode(472555, "quiz", assigned_from=10, assigned_to=20))
    router.special.add_held(HeldNumber(4706000, "Holder", 10, 20, account="bank"))
    seen = []
    for now in (0, 10, 20):
        router.update(now)
        seen.append((destination(router, "2555"), destination(router, "06000")))
    assert seen == [
        ("code_unknown", "destination_unassigned"),
        ("content", "account"),
        ("code_unknown", "destination_unassigned"),
    ]


def test_update_returns_forever_when_nothing_is_planned() -> None:
    assert demo_router().update(2**42) == FOREVER


def test_conflict_116006() -> None:
    assert destination(ROUTER, "116006") == "helpline"
    assert (
        destination(demo_router(NumberingRules(helpline_116006_assigned=False)), "116006")
        == "helpline_unassigned"
    )


def test_conflict_n4_bare_numbers_switched_off() -> None:
    router = demo_router(NumberingRules(bare_emergency_numbers=False))
    assert destination(router, "112") == "destination_no_sms"
    assert destination(router, "59555112") == "emergency"


def test_a_type_that_policy_opens_is_routed() -> None:
    router = demo_router(NumberingRules(receive={"fixed": True}))
    assert destination(router, "22222222") == "handset"


def test_rows_outside_the_plan_are_refused_not_read_past() -> None:
    assert ROUTER.route(4790000001, 254) < 0
    assert ROUTER.route(4790000001, 255) < 0


def test_the_row_tells_the_route() -> None:
    answer = ROUTER.read(1, 1, 4790000001, 10)
    assert ROUTER.route(answer >> 8, answer & 255) == HANDSET
    answer = ROUTER.read(0, 1, 116111, 6)
    assert ROUTER.route(answer >> 8, answer & 255) == HELPLINE
