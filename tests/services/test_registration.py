"""Registration for Nød-SMS, rule by rule: the site's front page, codes by SMS, exclusion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.services.base import HOUR, MINUTE, Journal, ServiceError
from smsc.services.nod_sms.registration import Person, RegistrationRules, Registrations, read_number
from smsc.services.texts import septets
from tests.services.helpers import at, draw, kept

NOW = at("2026-01-15 12:00")
NUMBER = 4790000112
TYPED = "004790000112"
KARI = Person("Kari Test", "Storgata 1", "0155", "kari@example.no", "Norge")


def site(**rules: Any) -> Registrations:
    return Registrations(RegistrationRules(**rules), draw, Journal())


def code_in(text: str) -> str:
    return next(word for word in text.replace(".", " ").split() if word.isdigit() and len(word) == 6)


def complete(
    registrations: Registrations, typed: str, action: str, now: int = NOW, person: Person = KARI
) -> tuple[Any, ...]:
    transaction, sms = registrations.start(typed, action, now, person, terms=True)
    return registrations.confirm(transaction, code_in(sms.text), now)


def refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        call(*args, **kwargs)
    return caught.value


def test_N06_registering_is_confirming_the_terms() -> None:
    error = refusal(site().start, TYPED, "register", NOW, KARI)
    assert error.status == 400
    assert "deaf, hard of hearing or speech impaired" in error.detail


def test_N07_one_person_may_have_several_numbers() -> None:
    registrations = site()
    for typed in (TYPED, "004790000113"):
        complete(registrations, typed, "register")
    assert {row.number for row in registrations.all()} == {4790000112, 4790000113}
    assert {row.person for row in registrations.all()} == {KARI}


@pytest.mark.parametrize(
    "typed",
    [
        "004790000112, 004790000113",
        "004790000112 og 004790000113",
        "+4790000112 +4790000113",
        "90000112/90000113",
        "004790000112 004790000113",
    ],
)
def test_N08_each_transaction_takes_exactly_one_number(typed: str) -> None:
    assert refusal(site().look_up, typed).status == 400


@pytest.mark.parametrize(
    "typed", ["0046701234567", "+46701234567", "22334455", "580012345678", "59000001", "02000", "112", ""]
)
def test_N09_only_norwegian_mobile_numbers_register(typed: str) -> None:
    error = refusal(site().look_up, typed)
    assert (error.status, "Norwegian mobile" in error.detail) == (400, True)


@pytest.mark.parametrize("number", [4759000001, 47580000000001, 472097, 4722334455, 47112, 46701234567, 0])
@pytest.mark.parametrize("way", ["put", "configure"])
def test_N09_nobody_registers_another_number_than_a_mobile_one(number: Any, way: Any) -> None:
    registrations = site()
    arguments = (number, KARI, NOW) if way == "put" else (number, NOW)
    assert refusal(getattr(registrations, way), *arguments).status == 422
    assert not registrations.is_registered(number)


@pytest.mark.parametrize("plus", ["normalise", "refuse"])
@pytest.mark.parametrize("typed", ["004790000112", "0047 90 00 01 12", "4790000112", "90000112"])
def test_N10_zero_zero_is_always_accepted(plus: str, typed: str) -> None:
    assert read_number(typed, RegistrationRules(plus=plus)) == NUMBER


def test_N10_plus_is_normalised_or_refused_with_guidance() -> None:
    assert read_number("+4790000112", RegistrationRules(plus="normalise")) == NUMBER
    error = refusal(read_number, "+4790000112", RegistrationRules(plus="refuse"))
    assert error.detail == "Use 00 instead of + before your country code."


def test_N10_a_mobile_number_that_begins_with_47_is_read_in_full_length() -> None:
    assert read_number("47123456", RegistrationRules()) == 4747123456
    assert read_number("4747123456", RegistrationRules()) == 4747123456


def test_N11_a_new_number_replaces_the_old_one() -> None:
    registrations = site()
    complete(registrations, TYPED, "register")
    complete(registrations, TYPED, "delete")
    complete(registrations, "004790000113", "register")
    assert [row.number for row in registrations.all()] == [4790000113]


def test_N13_known_number_is_offered_update_or_delete_unknown_registration() -> None:
    registrations = site()
    assert registrations.look_up(TYPED) == {
        "number": "4790000112",
        "registered": False,
        "choices": ["register"],
    }
    complete(registrations, TYPED, "register")
    assert registrations.look_up(TYPED)["choices"] == ["update", "delete"]
    assert refusal(registrations.start, TYPED, "register", NOW, KARI, terms=True).status == 409


def test_N13_update_changes_the_person_and_keeps_the_date() -> None:
    registrations = site()
    complete(registrations, TYPED, "register")
    moved = Person("Kari Test", "Lillegata 2", "5003", "kari@example.no", "Norge")
    registration, sms = complete(registrations, TYPED, "update", NOW + HOUR, moved)
    assert (registration.person, registration.registered_at, registration.updated_at) == (
        moved,
        NOW,
        NOW + HOUR,
    )
    assert "updated" in sms.text


def test_N14_after_deletion_the_number_must_register_again() -> None:
    registrations = site()
    complete(registrations, TYPED, "register")
    registration, sms = complete(registrations, TYPED, "delete")
    assert registration is None
    assert "deleted" in sms.text
    assert not registrations.is_registered(NUMBER)
    assert registrations.look_up(TYPED)["choices"] == ["register"]


CHANGES = {
    "a confirmed code": lambda registrations: complete(registrations, TYPED, "delete"),
    "the operator's deletion": lambda registrations: registrations.delete(NUMBER),
    "the operator's change": lambda registrations: registrations.put(NUMBER, KARI, NOW),
    "an exclusion": lambda registrations: registrations.exclude(NUMBER, NOW),
    "erasure": lambda registrations: registrations.forget(NUMBER),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("action", ["update", "delete"])
def test_N13_N14_a_change_makes_the_other_codes_of_the_number_invalid(change: Any, action: Any) -> None:
    registrations = site()
    registrations.put(NUMBER, KARI, NOW)
    registrations.put(NUMBER + 1, KARI, NOW)
    late, sms = registrations.start(TYPED, action, NOW, KARI, terms=True)
    other, other_sms = registrations.start("004790000113", action, NOW, KARI, terms=True)
    change(registrations)
    before = registrations.find(NUMBER)
    assert refusal(registrations.confirm, late, code_in(sms.text), NOW).status == 404
    assert registrations.find(NUMBER) == before
    registrations.confirm(other, code_in(other_sms.text), NOW)  # another number's codes stay


def test_N30_at_most_so_many_codes_an_hour_go_to_one_number() -> None:
    registrations = site()
    for minute in range(5):
        registrations.start(TYPED, "register", NOW + minute * MINUTE, KARI, terms=True)
    error = refusal(registrations.start, TYPED, "register", NOW + 10 * MINUTE, KARI, terms=True)
    assert error.status == 429
    assert "2026-01-15T12:00:00Z" in error.detail  # an hour after the first, which was at noon in Norway
    registrations.start("004790000113", "register", NOW + 10 * MINUTE, KARI, terms=True)
    registrations.start(TYPED, "register", NOW + HOUR, KARI, terms=True)
    assert refusal(registrations.start, TYPED, "register", NOW + HOUR, KARI, terms=True).status == 429


def test_N30_a_restart_does_not_send_more_codes() -> None:
    before = site(codes_per_hour=1)
    before.start(TYPED, "register", NOW, KARI, terms=True)
    after = site(codes_per_hour=1)
    after.load(before.records())
    assert refusal(after.start, TYPED, "register", NOW + MINUTE, KARI, terms=True).status == 429


def test_N26_an_exclusion_ends_the_registration() -> None:
    registrations = site()
    registrations.put(NUMBER, KARI, NOW)
    registrations.exclude(NUMBER, NOW)
    assert not registrations.is_registered(NUMBER)
    assert refusal(registrations.put, NUMBER, KARI, NOW + 47 * HOUR).status == 409
    registrations.put(NUMBER, KARI, NOW + 48 * HOUR)
    assert registrations.is_registered(NUMBER)


def test_N26_a_pardon_does_not_bring_the_registration_back() -> None:
    registrations = site()
    registrations.put(NUMBER, KARI, NOW)
    registrations.exclude(NUMBER, NOW)
    registrations.pardon(NUMBER)
    assert not registrations.is_registered(NUMBER)
    complete(registrations, TYPED, "register")


def test_N26_a_number_of_the_configuration_stays_out_after_a_restart() -> None:
    before, after = site(), site()
    for registrations in (before, after):
        registrations.configure(NUMBER, NOW)
    before.exclude(NUMBER, NOW)
    after.load(before.records())
    assert not after.is_registered(NUMBER)


def test_N26_excluded_number_cannot_register_and_deletion_does_not_help() -> None:
    registrations = site()
    registrations.put(NUMBER, KARI, NOW)
    registrations.exclude(NUMBER, NOW)
    registrations.delete(NUMBER)
    assert refusal(registrations.start, TYPED, "register", NOW + 47 * HOUR, KARI, terms=True).status == 403
    complete(registrations, TYPED, "register", NOW + 48 * HOUR)
    registrations.exclude(NUMBER, NOW + 50 * HOUR)
    assert registrations.excluded_until(NUMBER, NOW + 10_000 * HOUR)
    registrations.pardon(NUMBER)
    assert not registrations.excluded_until(NUMBER, NOW + 50 * HOUR)
    assert [key for key, _ in registrations.records()] == [f"codes/{NUMBER}"]


def test_N29_registered_data_and_none_of_it_in_a_repr() -> None:
    registrations = site()
    complete(registrations, TYPED, "register")
    registration = registrations.find(NUMBER)
    assert registration.person == KARI
    shown = repr(registration) + repr(registration.person)
    for secret in ("Kari", "Storgata", "0155", "kari@", str(NUMBER)):
        assert secret not in shown


def test_N30_registration_is_complete_only_with_the_code_from_the_sms() -> None:
    registrations = site()
    transaction, sms = registrations.start(TYPED, "register", NOW, KARI, terms=True)
    assert (sms.to, sms.source_ton) == (NUMBER, 5)
    assert septets(sms.text) <= 160
    assert not registrations.is_registered(NUMBER)
    registration, second = registrations.confirm(transaction, code_in(sms.text), NOW + 29 * MINUTE)
    assert registrations.is_registered(NUMBER)
    assert registration.registered_at == NOW + 29 * MINUTE
    assert (second.to, second.kind) == (NUMBER, "nod_sms_register")
    assert refusal(registrations.confirm, transaction, code_in(sms.text), NOW).status == 404, "once"


def test_N30_code_lapses_after_half_an_hour() -> None:
    registrations = site()
    transaction, sms = registrations.start(TYPED, "register", NOW, KARI, terms=True)
    assert refusal(registrations.confirm, transaction, code_in(sms.text), NOW + 30 * MINUTE).status == 404


def test_N30_three_wrong_codes_end_the_transaction() -> None:
    registrations = site()
    transaction, sms = registrations.start(TYPED, "register", NOW, KARI, terms=True)
    for left in (2, 1, 0):
        assert f"{left} attempts" in refusal(registrations.confirm, transaction, "x", NOW).detail
    assert refusal(registrations.confirm, transaction, code_in(sms.text), NOW).status == 404


def test_N37_site_down_for_maintenance_refuses_registration_only() -> None:
    registrations = site()
    registrations.put(NUMBER, KARI, NOW)
    registrations.site_open = False
    for call in (
        lambda: registrations.look_up(TYPED),
        lambda: registrations.start(TYPED, "update", NOW, KARI, terms=True),
        lambda: registrations.confirm("1", "000000", NOW),
    ):
        assert refusal(call).status == 503
    assert registrations.is_registered(NUMBER)


def test_journal_tells_of_every_change_and_of_nothing_else() -> None:
    journal = Journal()
    registrations = Registrations(RegistrationRules(), draw, journal)
    registrations.put(NUMBER, KARI, NOW)
    registrations.put(NUMBER + 1, KARI, NOW)
    registrations.exclude(NUMBER, NOW)
    registrations.exclude(NUMBER + 1, NOW)
    assert kept(journal.take()) == dict(registrations.records())
    registrations.put(NUMBER, KARI, NOW + 48 * HOUR)
    journal.take()
    assert registrations.delete(NUMBER)
    registrations.pardon(NUMBER + 1)
    assert journal.take() == {f"registration/{NUMBER}": None, f"exclusion/{NUMBER + 1}": None}
    assert not registrations.delete(NUMBER)
    registrations.pardon(NUMBER + 1)
    assert journal.take() == {}


def test_registrations_and_exclusions_survive_a_restart() -> None:
    before = site()
    before.put(NUMBER + 1, KARI, NOW)
    before.exclude(NUMBER, NOW)
    after = site()
    after.load(before.records())
    assert after.find(NUMBER + 1) == before.find(NUMBER + 1)
    assert after.excluded_until(NUMBER, NOW) == NOW + 48 * HOUR
    assert dict(after.records()) == dict(before.records())


def test_a_repr_of_a_transaction_hides_number_and_code() -> None:
    registrations = site()
    transaction, sms = registrations.start(TYPED, "register", NOW, KARI, terms=True)
    shown = repr(registrations._transactions.get(transaction, NOW))
    assert str(NUMBER) not in shown
    assert code_in(sms.text) not in shown


# What the store is told, so that a restart finds what was there.


def restarted(registrations: Registrations, journal: Journal, configured: int = 0) -> Registrations:
    """The same after a restart, from what the journal told the store."""
    again = Registrations(RegistrationRules(), draw, Journal())
    if configured:
        again.configure(configured, NOW)
    again.load(kept(journal.take()).items())
    return again


def test_what_ended_does_not_come_back_at_the_next_start() -> None:
    journal = Journal()
    registrations = Registrations(RegistrationRules(), draw, journal)
    registrations.configure(NUMBER, NOW)
    registrations.put(4790000113, KARI, NOW)
    assert registrations.delete(NUMBER)
    assert registrations.delete(4790000113)
    assert dict(registrations.records()) == {f"registration/{NUMBER}": {"removed": True}}
    again = restarted(registrations, journal, configured=NUMBER)
    assert not again.is_registered(NUMBER), "though the configuration names it"
    assert not again.is_registered(4790000113)
    assert registrations.delete(NUMBER) is False


def test_N37_a_site_that_was_opened_again_is_open_after_a_restart() -> None:
    journal = Journal()
    registrations = Registrations(RegistrationRules(), draw, journal)
    registrations.open_site(False)
    registrations.open_site(True)
    assert restarted(registrations, journal).site_open
    registrations.open_site(False)
    assert dict(registrations.records())["site"] == {"open": False}
    assert not restarted(registrations, journal).site_open


def test_N26_who_is_excluded_again_is_so_for_good_after_a_restart_too() -> None:
    journal = Journal()
    registrations = Registrations(RegistrationRules(), draw, journal)
    assert [registrations.exclude(NUMBER, NOW).count for _ in range(3)] == [1, 2, 3]
    again = restarted(registrations, journal)
    assert again.excluded_until(NUMBER, NOW + 1000 * HOUR)
    assert dict(again.exclusions())[NUMBER].count == 3


def test_N30_a_code_is_good_for_once() -> None:
    registrations = site()
    transaction, sms = registrations.start(TYPED, "register", NOW, KARI, terms=True)
    registrations.confirm(transaction, code_in(sms.text), NOW)
    assert refusal(registrations.confirm, transaction, code_in(sms.text), NOW).status == 404
    registrations.delete(NUMBER)
    assert refusal(registrations.confirm, transaction, code_in(sms.text), NOW).status == 404
    assert not registrations.is_registered(NUMBER)


def test_every_transaction_has_a_number_of_its_own() -> None:
    registrations = site()
    started = [
        registrations.start(f"0047{number}", "register", NOW, KARI, terms=True)[0]
        for number in range(90000001, 90000006)
    ]
    assert started == ["1", "2", "3", "4", "5"]


def test_codes_that_were_sent_are_forgotten_with_the_number() -> None:
    registrations = site(codes_per_hour=1)
    registrations.start(TYPED, "register", NOW, KARI, terms=True)
    assert refusal(registrations.start, TYPED, "register", NOW, KARI, terms=True).status == 429
    registrations.forget(NUMBER)
    registrations.start(TYPED, "register", NOW, KARI, terms=True)
