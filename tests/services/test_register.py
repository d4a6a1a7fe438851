"""The contact and reservation register, rule by rule (K1-K19 of docs/norway.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from smsc.services.base import DAY, Journal, ServiceError
from smsc.services.contact_register import fnr
from smsc.services.contact_register.access import CONTACT_SCOPE, POST_SCOPE, Access, Organisation, Token
from smsc.services.contact_register.people import read_mobile
from smsc.services.contact_register.register import ContactRegister, RegisterRules
from tests.services.helpers import at, kept

NOW = at("2026-01-15 12:00")
KARI, OLA, PER, NOBODY = islice(fnr.synthetic(), 4)
BOTH = frozenset({CONTACT_SCOPE, POST_SCOPE})
ORGANISATIONS = (
    Organisation("974761076", "Skatteetaten", "state", "Skatt"),
    Organisation("958935420", "Oslo kommune", "municipal", "Oslo"),
    Organisation("912345678", "Leverandør AS", "private", acts_for=frozenset({"958935420"})),
    Organisation("987654321", "Butikk AS", "private"),
)
TOKENS = (
    Token("tax", "974761076", BOTH),
    Token("oslo", "958935420", BOTH),
    Token("contact", "974761076", frozenset({CONTACT_SCOPE})),
    Token("post", "974761076", frozenset({POST_SCOPE})),
    Token("supplier", "912345678", BOTH, on_behalf_of="958935420"),
    Token("pretender", "912345678", BOTH, on_behalf_of="974761076"),
    Token("alone", "912345678", BOTH),
    Token("shop", "987654321", BOTH),
    Token("old", "974761076", BOTH, expires=NOW),
    Token("scopeless", "974761076", frozenset({"krr:user/kontaktinformasjon.read"})),
    Token("ghost", "000000000", BOTH),
)


def register(delegates: bool = True, **rules: Any) -> ContactRegister:
    return ContactRegister(RegisterRules(**rules), Access(ORGANISATIONS, TOKENS, delegates), Journal())


@pytest.fixture
def krr() -> Iterator[ContactRegister]:
    journal = Journal()
    made = ContactRegister(RegisterRules(), Access(ORGANISATIONS, TOKENS), journal)
    made.create(KARI, "nn")
    made.set_channel(KARI, "mobile", "90000001", NOW)
    made.set_channel(KARI, "email", "kari@example.no", NOW)
    yield made
    assert kept(journal.take()) == dict(made.records()), "whatever happened, the store knows it all"


def ask(
    krr: ContactRegister,
    *identifiers: Any,
    token: str | None = "tax",
    now: int = NOW,
    version: int = 2,
    **more: Any,
) -> tuple[int, dict[str, Any]]:
    return krr.look_up(token, {"personidentifikatorer": list(identifiers), **more}, now, version)


def one(krr: ContactRegister, identifier: str = KARI, now: int = NOW, **more: Any) -> dict[str, Any]:
    status, answer = ask(krr, identifier, now=now, inkluderIkkeRegistrerte=True, **more)
    assert status == 200
    return answer["personer"][0]


def refusal(call: Callable[..., Any], *args: Any) -> int:
    with pytest.raises(ServiceError) as caught:
        call(*args)
    return caught.value.status


# What the answer looks like.


def test_answer_has_the_documented_shape(krr: ContactRegister) -> None:
    krr.choose_mailbox(KARI, "kari#9ydt", "984661185")
    krr.set_language(KARI, "se", NOW)
    assert one(krr) == {
        "personidentifikator": KARI,
        "reservasjon": "NEI",
        "status": "AKTIV",
        "varslingsstatus": "KAN_VARSLES",
        "kontaktinformasjon": {
            "epostadresse": "kari@example.no",
            "epostadresse_oppdatert": "2026-01-15T12:00:00+01",
            "epostadresse_sist_verifisert": "2026-01-15T12:00:00+01",
            "mobiltelefonnummer": "+4790000001",
            "mobiltelefonnummer_oppdatert": "2026-01-15T12:00:00+01",
            "mobiltelefonnummer_sist_verifisert": "2026-01-15T12:00:00+01",
        },
        "digital_post": {"postkasseadresse": "kari#9ydt", "postkasseleverandoeradresse": "984661185"},
        "sertifikat": "synthetic certificate of kari#9ydt",
        "spraak": "se",
        "spraak_oppdatert": "2026-01-15T12:00:00+01",
    }


def test_scopes_decide_what_is_shown(krr: ContactRegister) -> None:
    krr.choose_mailbox(KARI, "kari#9ydt", "984661185")
    contact, post = one(krr, token="contact"), one(krr, token="post")
    assert "digital_post" not in contact
    assert contact["kontaktinformasjon"]
    assert not {"kontaktinformasjon", "varslingsstatus", "spraak"} & post.keys()
    assert post["digital_post"]
    assert post["reservasjon"] == "NEI", "reservation is always told"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"personidentifikatorer": KARI},
        {"personidentifikatorer": []},
        {"personidentifikatorer": [KARI] * 1001},
        {"personidentifikatorer": [int(KARI)]},
        {"personidentifikatorer": [KARI, "20036914712"]},
        {"personidentifikatorer": [KARI, "20036914700"]},
        {"personidentifikatorer": [KARI, "13527248013"]},
        {"personidentifikatorer": [KARI, None]},
        {"personidentifikatorer": [KARI, {"x": "20036914700"}]},
        {"personidentifikatorer": [KARI], "inkluderIkkeRegistrerte": "ja"},
    ],
)
def test_bad_requests_are_400_and_repeat_no_identifier(
    krr: ContactRegister, body: dict[str, Any] | list[Any] | None
) -> None:
    status, answer = krr.look_up("tax", body, NOW)
    assert (status, set(answer)) == (400, {"feil", "beskrivelse"})
    assert not re.search(r"\d{11}", str(answer))
    assert krr.lookups() == []


def test_nothing_in_the_answer_is_null(krr: ContactRegister) -> None:
    krr.create(OLA)
    krr.create(PER)
    krr.delete(PER)
    krr.reserve(OLA, True, NOW)

    def nulls(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(nulls, value.values()))
        return any(map(nulls, value)) if isinstance(value, list) else value is None

    assert not nulls(ask(krr, KARI, OLA, PER, NOBODY, inkluderIkkeRegistrerte=True))


def test_marks_of_other_test_populations_are_accepted_by_setting() -> None:
    nav = "13527248013"
    krr = register(marks=frozenset({40, 80}))
    krr.create(nav)
    assert [row["personidentifikator"] for row in ask(krr, nav, KARI, version=1)[1]["personer"]] == [
        nav,
        KARI,
    ]
    assert ask(krr, nav, "20036914700")[0] == 400, "a real one is no test number whatever the setting"


def test_an_identifier_that_is_asked_for_twice_is_answered_once(krr: ContactRegister) -> None:
    assert len(ask(krr, KARI, KARI, KARI)[1]["personer"]) == 1
    assert krr.lookups()[-1]["count"] == 1


def test_a_thousand_identifiers_are_answered(krr: ContactRegister) -> None:
    identifiers = list(islice(fnr.synthetic(), 1000))
    status, answer = ask(krr, *identifiers, inkluderIkkeRegistrerte=True)
    assert (status, [row["personidentifikator"] for row in answer["personer"]]) == (200, identifiers)


@pytest.mark.parametrize("token", [None, "", "unknown", "old"])
def test_no_valid_token_is_401(krr: ContactRegister, token: str | None) -> None:
    assert ask(krr, KARI, token=token)[0] == 401
    assert krr.lookups() == []


def test_a_token_without_a_scope_of_the_register_is_403(krr: ContactRegister) -> None:
    assert ask(krr, KARI, token="scopeless")[0] == 403


# The rules.


def test_K01_mobile_or_email_or_both_and_one_at_least_for_a_mailbox(krr: ContactRegister) -> None:
    krr.create(OLA)
    assert refusal(krr.choose_mailbox, OLA, "ola#1", "984661185") == 409
    krr.set_channel(OLA, "email", "ola@example.no", NOW)
    krr.choose_mailbox(OLA, "ola#1", "984661185")
    assert refusal(krr.set_channel, OLA, "email", None, NOW) == 409
    krr.set_channel(OLA, "mobile", "90000002", NOW)
    assert krr.set_channel(OLA, "email", None, NOW).channels == [krr.find(OLA).mobile]


def test_K02_edited_once_and_every_agency_sees_it(krr: ContactRegister) -> None:
    krr.set_channel(KARI, "mobile", "90000009", NOW + DAY)
    for token in ("tax", "oslo", "supplier"):
        assert one(krr, token=token)["kontaktinformasjon"]["mobiltelefonnummer"] == "+4790000009"


def test_K05_mailbox_and_reservation_are_in_the_register(krr: ContactRegister) -> None:
    krr.choose_mailbox(KARI, "kari#9ydt", "922020175")
    krr.reserve(KARI, True, NOW + DAY)
    shown = one(krr, now=NOW + DAY)
    assert shown["digital_post"]["postkasseleverandoeradresse"] == "922020175"
    assert (shown["reservasjon"], shown["reservasjonstidspunkt"]) == ("JA", "2026-01-16T12:00:00+01")
    krr.reserve(KARI, False, NOW + 2 * DAY)
    shown = one(krr, now=NOW + 2 * DAY)
    assert (shown["reservasjon"], "reservasjonstidspunkt" in shown) == ("NEI", False)
    assert shown["reservasjon_oppdatert"] == "2026-01-17T12:00:00+01"
    assert refusal(krr.choose_mailbox, KARI, "x", "999999999") == 422


@pytest.mark.parametrize(
    "token, status", [("tax", 200), ("oslo", 200), ("shop", 403), ("alone", 403), ("ghost", 403)]
)
def test_K06_only_municipal_and_central_government(krr: ContactRegister, token: str, status: int) -> None:
    assert ask(krr, KARI, token=token)[0] == status


def test_K07_a_delegate_may_act_for_an_agency_that_says_so_unless_k6_is_taken_by_the_letter(
    krr: ContactRegister,
) -> None:
    assert ask(krr, KARI, token="supplier")[0] == 200
    assert krr.lookups()[-1] | {"at": ""} == {
        "at": "",
        "agency": "958935420",
        "asked_by": "912345678",
        "count": 1,
    }
    assert ask(krr, KARI, token="pretender")[0] == 403
    assert ask(register(delegates=False), KARI, token="supplier")[0] == 403


def test_K08_who_never_made_a_profile_is_not_registered(krr: ContactRegister) -> None:
    assert one(krr, NOBODY) == {
        "personidentifikator": NOBODY,
        "reservasjon": "NEI",
        "status": "IKKE_REGISTRERT",
        "varslingsstatus": "KAN_IKKE_VARSLES",
    }
    assert ask(krr, NOBODY) == (200, {"personer": []}), "version 2 leaves them out unless asked"
    assert len(ask(krr, NOBODY, version=1)[1]["personer"]) == 1
    krr.create(NOBODY)
    assert one(krr, NOBODY)["status"] == "AKTIV"
    assert refusal(krr.create, NOBODY) == 409


FRESH_UNTIL = at("2027-07-15 12:00")


@pytest.mark.parametrize(
    "days, status", [(-1, "KAN_VARSLES"), (0, "KAN_IKKE_VARSLES"), (1, "KAN_IKKE_VARSLES")]
)
def test_K11_eighteen_months_after_the_update_the_data_is_stale(
    krr: ContactRegister, days: int, status: str
) -> None:
    assert one(krr, now=FRESH_UNTIL + days * DAY)["varslingsstatus"] == status


def test_K11_to_the_millisecond_and_verifying_makes_fresh_again(krr: ContactRegister) -> None:
    assert one(krr, now=FRESH_UNTIL - 1)["varslingsstatus"] == "KAN_VARSLES"
    krr.verify(KARI, FRESH_UNTIL)
    assert one(krr, now=FRESH_UNTIL)["varslingsstatus"] == "KAN_VARSLES"
    assert one(krr, now=at("2029-01-15 12:00"))["varslingsstatus"] == "KAN_IKKE_VARSLES"


@pytest.mark.parametrize(
    "updated, stale",
    [("2026-08-31", "2028-02-29"), ("2025-08-31", "2027-02-28"), ("2026-03-30 12:00", "2027-09-30 12:00")],
)
def test_K11_months_are_calendar_months(updated: str, stale: str) -> None:
    krr = register()
    krr.create(KARI)
    person = krr.set_channel(KARI, "mobile", "90000001", at(updated))
    assert person.mobile.fresh(at(stale) - 1)
    assert not person.mobile.fresh(at(stale))


def test_K12_each_channel_has_its_own_age(krr: ContactRegister) -> None:
    krr.verify(KARI, NOW + 300 * DAY, ["mobile"])
    person = krr.find(KARI)
    assert person.mobile.fresh(FRESH_UNTIL)
    assert not person.email.fresh(FRESH_UNTIL)
    assert one(krr, now=FRESH_UNTIL)["varslingsstatus"] == "KAN_VARSLES", "one fresh channel is enough"


def test_K13_stale_data_is_still_handed_out_unless_the_setting_withholds_it(krr: ContactRegister) -> None:
    assert one(krr, now=FRESH_UNTIL)["kontaktinformasjon"]["mobiltelefonnummer"] == "+4790000001"
    strict = register(stale_contact=False)
    strict.load(krr.records())
    assert "kontaktinformasjon" not in one(strict, now=FRESH_UNTIL)
    assert "kontaktinformasjon" in one(strict, now=FRESH_UNTIL - 1)


def test_K14_stale_reserved_deleted_or_unregistered_cannot_be_notified(krr: ContactRegister) -> None:
    assert one(krr, now=FRESH_UNTIL)["varslingsstatus"] == "KAN_IKKE_VARSLES"
    assert one(krr, NOBODY)["varslingsstatus"] == "KAN_IKKE_VARSLES"
    krr.reserve(KARI, True, NOW)
    assert one(krr)["varslingsstatus"] == "KAN_IKKE_VARSLES"
    krr.reserve(KARI, False, NOW)
    assert one(krr)["varslingsstatus"] == "KAN_VARSLES"
    krr.delete(KARI)
    assert one(krr)["varslingsstatus"] == "KAN_IKKE_VARSLES"
    krr.create(OLA)
    assert one(krr, OLA)["varslingsstatus"] == "KAN_IKKE_VARSLES", "no channel at all"


def test_K16_deleted_has_a_status_and_no_data(krr: ContactRegister) -> None:
    krr.delete(KARI)
    assert one(krr) == {
        "personidentifikator": KARI,
        "reservasjon": "NEI",
        "status": "SLETTET",
        "varslingsstatus": "KAN_IKKE_VARSLES",
    }
    assert ask(krr, KARI)[1]["personer"], "version 2 tells of the deleted"
    assert "90000001" not in str(dict(krr.records()))
    assert refusal(krr.set_channel, KARI, "mobile", "90000001", NOW) == 404
    krr.create(KARI)
    assert one(krr)["status"] == "AKTIV"


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("90000001", "+4790000001"),
        ("+47 900 00 001", "+4790000001"),
        ("004790000001", "+4790000001"),
        ("47123456", "+4747123456"),
        ("+46701234567", "+46701234567"),
        ("0046 70 123 45 67", "+46701234567"),
        ("+1 (202) 555-0100", "+12025550100"),
    ],
)
def test_K17_mobile_may_be_foreign_and_is_normalised(typed: str, stored: str) -> None:
    assert read_mobile(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "22334455", "+4722334455", "+47580012345678", "701234567", "+0701234567", "x"]
)
def test_K17_what_is_no_mobile_number_is_refused(typed: str) -> None:
    assert refusal(read_mobile, typed) == 422


def test_K18_a_number_that_several_people_share_is_marked(krr: ContactRegister) -> None:
    krr.create(OLA)
    krr.set_channel(OLA, "mobile", "+4790000001", NOW)
    krr.set_channel(OLA, "email", "ola@example.no", NOW)
    for identifier in (KARI, OLA):
        contact = one(krr, identifier)["kontaktinformasjon"]
        assert (contact["mobiltelefonnummer_duplisert"], "epostadresse_duplisert" in contact) == ("JA", False)
    krr.set_channel(OLA, "mobile", "90000003", NOW)
    assert "mobiltelefonnummer_duplisert" not in one(krr)["kontaktinformasjon"]
    krr.set_channel(OLA, "mobile", "90000001", NOW)
    krr.delete(OLA)
    assert "mobiltelefonnummer_duplisert" not in one(krr)["kontaktinformasjon"]


# Around them.


@pytest.mark.parametrize("identifier", ["20036914700", "30108299939", "55102499947", "20036914712", "x"])
def test_only_synthetic_people_can_be_registered(krr: ContactRegister, identifier: str) -> None:
    assert refusal(krr.create, identifier) == 400


def test_look_ups_are_logged_and_the_log_is_bounded() -> None:
    krr = register(log_limit=3)
    for now in range(5):
        ask(krr, KARI, OLA, now=NOW + now * DAY, token="oslo")
    ask(krr, PER, now=NOW + 9 * DAY)
    assert [(row["agency"], row["count"]) for row in krr.lookups()] == [
        ("958935420", 2),
        ("958935420", 2),
        ("974761076", 1),
    ]
    assert [row["at"] for row in krr.lookups(PER)] == ["2026-01-24T11:00:00Z"]
    assert KARI not in str(krr.lookups())


def test_no_repr_tells_anything_about_anybody(krr: ContactRegister) -> None:
    person = krr.find(KARI)
    shown = repr((person, person.mobile, TOKENS))
    for secret in (KARI, "90000001", "kari@example.no", "'tax'"):
        assert secret not in shown


def test_wrong_language_and_email_are_refused(krr: ContactRegister) -> None:
    assert refusal(krr.set_language, KARI, "sv", NOW) == 422
    assert refusal(krr.set_channel, KARI, "email", "kari", NOW) == 422
    assert refusal(krr.create, OLA, "sv") == 422


def test_register_survives_a_restart(krr: ContactRegister) -> None:
    krr.choose_mailbox(KARI, "kari#9ydt", "984661185")
    krr.create(OLA)
    krr.set_channel(OLA, "mobile", "90000001", NOW)
    ask(krr, KARI)
    again = register()
    again.load(reversed(list(krr.records())))
    assert dict(again.records()) == dict(krr.records())
    assert one(again) == one(krr)
    assert one(again)["kontaktinformasjon"]["mobiltelefonnummer_duplisert"] == "JA"
    assert len(again.lookups()) == 3


def test_K01_two_persons_cannot_count_as_one_user_of_an_address_that_was_given_up() -> None:
    """How many use an address is counted, also when one of them gives it up, leaves, or is loaded again."""
    made = register()
    for person in (KARI, OLA):
        made.create(person)
        made.set_channel(person, "mobile", "90000001", NOW)
        made.set_channel(person, "email", f"{person}@example.no", NOW)
    before = dict(made._users)
    made.load(list(made.records()))
    assert dict(made._users) == before, "who is loaded again is counted once"
    made.forget_mobile("+4790000001")
    assert made._users["+4790000001"] == 0
    made.set_channel(KARI, "mobile", "90000001", NOW)
    assert made._users["+4790000001"] == 1
    made.delete(KARI)
    assert made._users["+4790000001"] == 0


def test_K18_look_ups_are_numbered_on_after_a_restart() -> None:
    made = register()
    for _ in range(3):
        made.log("974761076", "", [KARI], NOW)
    assert [key for key, _ in made.records()] == ["lookup/1", "lookup/2", "lookup/3"]
    again = register()
    again.load(list(made.records()))
    again.log("974761076", "", [KARI], NOW)
    assert [key for key, _ in again.records()][-1] == "lookup/4"
    assert len(again.lookups(KARI)) == 4
