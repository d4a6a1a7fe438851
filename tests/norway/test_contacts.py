"""The contact register end to end: look-ups over HTTP, and notices that arrive over SMPP, or do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

import httpx
import pytest

from smsc.services.contact_register import fnr
from smsc.testing.server import SmscHandle
from tests.scenarios.binding import TUNNEL, Bind

PEOPLE = list(islice(fnr.synthetic(), 1000))
SNOBY = {"Authorization": "Bearer snoby"}
TEXTS = {
    "nb": "Snøbrøyting i natt: flytt bilen.",
    "nn": "Snøbrøyting i natt: flytt bilen.",
    "en": "Snow clearing tonight: move your car.",
    "se": "Muohttagii čorgejuvvo dán ija: sirdde biilla.",
}
ALWAYS = {
    "personidentifikator",
    "reservasjon",
    "status",
    "varslingsstatus",
    "kontaktinformasjon",
    "spraak",
}
RESERVED = {"reservasjonstidspunkt", "reservasjon_oppdatert"}
CONTACT = {
    f"{channel}{field}"
    for channel in ("epostadresse", "mobiltelefonnummer")
    for field in ("", "_oppdatert", "_sist_verifisert")
}
REAL = "20036914700"  # as a person could have it: nothing is added to the month


def look_up(smsc: SmscHandle, *people: str, token: str | None = "snoby", **more: Any) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = {"personidentifikatorer": list(people), **more}
    return httpx.post(f"{smsc.url}/api/v1/register/rest/v2/personer", json=body, headers=headers)


def person(smsc: SmscHandle, identifier: str, **body: Any) -> None:
    answer = httpx.put(f"{smsc.url}/api/v1/register/persons/{identifier}", json=body)
    assert answer.is_success, answer.text


def notify(smsc: SmscHandle, people: list[str], **body: Any) -> dict[str, Any]:
    order = {"personidentifikatorer": people, "texts": TEXTS, **body}
    answer = httpx.post(f"{smsc.url}/api/v1/register/notifications", json=order, headers=SNOBY, timeout=20)
    assert answer.status_code == 201, answer.text
    report: dict[str, Any] = answer.json()
    return report


def report_of(smsc: SmscHandle, order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = httpx.get(f"{smsc.url}/api/v1/register/notifications/{order['id']}", headers=SNOBY)
    return {row["personidentifikator"]: row for row in answer.json()["people"]}


def test_an_answer_has_the_documented_fields(smsc_server: SmscHandle) -> None:
    one, reserved, deleted, stranger = PEOPLE[500:504]
    mailbox = {"address": "kari#0001", "supplier": "984661185"}
    person(smsc_server, one, mobile="900 00 001", email="kari@example.no", mailbox=mailbox)
    person(smsc_server, reserved, email="ola@example.no", reserved=True)
    person(smsc_server, deleted, mobile="90000003")
    assert httpx.delete(f"{smsc_server.url}/api/v1/register/persons/{deleted}").status_code == 204
    people = look_up(smsc_server, one, reserved, deleted, stranger, inkluderIkkeRegistrerte=True)
    found = {row["personidentifikator"]: row for row in people.json()["personer"]}
    assert set(found[one]) == ALWAYS | {"digital_post", "sertifikat"}
    assert set(found[one]["kontaktinformasjon"]) == CONTACT
    assert set(found[one]["digital_post"]) == {"postkasseadresse", "postkasseleverandoeradresse"}
    assert found[one]["kontaktinformasjon"]["mobiltelefonnummer"] == "+4790000001"
    assert set(found[reserved]) == ALWAYS | RESERVED
    assert (found[reserved]["reservasjon"], found[reserved]["varslingsstatus"]) == ("JA", "KAN_IKKE_VARSLES")
    assert "kontaktinformasjon" not in found[deleted]
    assert found[deleted]["status"] == "SLETTET"
    assert found[stranger]["status"] == "IKKE_REGISTRERT"
    assert len(look_up(smsc_server, one, stranger).json()["personer"]) == 1


def test_bad_tokens_bad_identifiers_and_too_many(smsc_server: SmscHandle) -> None:
    one = PEOPLE[0]
    assert look_up(smsc_server, one, token=None).status_code == 401
    assert look_up(smsc_server, one, token="guess").status_code == 401
    assert look_up(smsc_server, one, token="varsling").status_code == 200  # acts for the municipality
    assert look_up(smsc_server).status_code == 400
    assert look_up(smsc_server, one[:-1]).status_code == 400
    assert look_up(smsc_server, one[:-1] + str((int(one[-1]) + 1) % 10)).status_code == 400
    many = list(islice(fnr.synthetic(), 1001))
    assert look_up(smsc_server, *many[:1000]).status_code == 200
    refused = look_up(smsc_server, *many)
    assert refused.status_code == 400
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert many[0] not in refused.text  # no person's number in an error
    logged = httpx.get(f"{smsc_server.url}/api/v1/register/lookups").json()["lookups"]
    assert [(row["agency"], row["asked_by"], row["count"]) for row in logged] == [
        ("987654321", "912345678", 1),
        ("987654321", "987654321", 1000),
    ]


def test_statuses_are_those_of_the_public_interface(smsc_server: SmscHandle) -> None:
    url = f"{smsc_server.url}/api/v1/register/rest"
    one, as_json = PEOPLE[0], SNOBY | {"Content-Type": "application/json"}
    wrong: tuple[Any, ...] = (
        None,
        [],
        "x",
        {},
        {"personidentifikatorer": one},
        {"personidentifikatorer": [1]},
        {"personidentifikatorer": [None]},
        {"personidentifikatorer": [one], "inkluderIkkeRegistrerte": 1},
    )
    for version in ("v1", "v2"):
        for body in wrong:
            answer = httpx.post(f"{url}/{version}/personer", json=body, headers=SNOBY)
            assert (answer.status_code, body) == (400, body)
            assert one not in answer.text
        for content in (b"", b"{", b"personidentifikatorer=1", b"\xff"):
            answer = httpx.post(f"{url}/{version}/personer", content=content, headers=as_json)
            assert (answer.status_code, content) == (400, content)
        assert httpx.post(f"{url}/{version}/personer", json=wrong[3]).status_code == 401
    assert httpx.post(f"{url}/v3/personer", json={}, headers=SNOBY).status_code == 404
    body = {"personidentifikatorer": [one], "somethingNew": True}
    assert httpx.post(f"{url}/v2/personer", json=body, headers=SNOBY).status_code == 200


def test_a_number_that_may_be_somebodys_fails_the_whole_call_at_every_way_in(
    smsc_server: SmscHandle, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    api = f"{smsc_server.url}/api/v1/register"
    forms = (REAL, "200369 14700", REAL + "\u00a0", "13527248013", "55102499947")
    people = [PEOPLE[500], PEOPLE[501]]
    calls: list[httpx.Response] = []
    for form in forms:
        listed = [*people, form]
        calls += [
            look_up(smsc_server, *listed),
            look_up(smsc_server, form),
            httpx.post(
                f"{api}/notifications",
                json={"personidentifikatorer": listed, "texts": TEXTS},
                headers=SNOBY,
            ),
            httpx.put(f"{api}/persons/{form}", json={"mobile": "90000001"}),
            httpx.get(f"{api}/persons/{form}"),
            httpx.delete(f"{api}/persons/{form}"),
            httpx.get(f"{api}/persons", params={"after": form}),
            httpx.get(f"{api}/lookups", params={"identifier": form}),
        ]
    wrong_type = {"personidentifikatorer": [int(REAL)], "texts": TEXTS}
    calls.append(httpx.post(f"{api}/notifications", json=wrong_type, headers=SNOBY))
    assert {answer.status_code for answer in calls} == {400}
    calls.append(httpx.get(f"{api}/persons/{REAL}/nothing"))
    everything = "".join(answer.text for answer in calls)
    everything += "".join(each.getMessage() for each in caplog.records if each.name.startswith("smsc"))
    for form in forms:
        assert form not in everything
    assert httpx.get(f"{api}/lookups").json() == {"lookups": []}
    assert {row["identifier"] for row in smsc_server.control("register_persons", None, 1000)}.isdisjoint(
        forms
    )


def test_a_configured_number_that_may_be_somebodys_is_refused_without_repeating_it(
    make_smsc: Callable[..., SmscHandle],
) -> None:
    for identifiers in ([REAL], [int(REAL)], [PEOPLE[0], REAL], [REAL, REAL]):
        with pytest.raises(Exception, match=r"synthetic identifier|different identifiers") as caught:
            make_smsc(contacts={"persons": [{"identifier": one} for one in identifiers]})
        assert REAL not in str(caught.value)
    nav = make_smsc(contacts={"marks": [40, 80], "persons": [{"identifier": "13527248013"}]})
    assert nav.control("register_person", "13527248013")["status"] == "AKTIV"


def test_who_stands_in_an_order_three_times_is_told_once(smsc: SmscHandle, bind: Bind) -> None:
    kari = bind("4790000001", at=smsc.smpp_address)
    person(smsc, PEOPLE[500], mobile="90000001")
    order = notify(smsc, [PEOPLE[500]] * 3)
    kari.receive()
    assert kari.has_nothing()
    assert list(report_of(smsc, order)) == [PEOPLE[500]]
    assert order["counts"] == {"sms_sent": 1}


def test_a_private_company_and_an_expired_token_get_nothing(make_smsc: Callable[..., SmscHandle]) -> None:
    smsc = make_smsc(
        contacts={
            "organisations": [
                {"number": "987654321", "name": "Snøby", "sender": "Snoby"},
                {"number": "912345678", "name": "Reklame AS", "kind": "private"},
            ],
            "tokens": [
                {"token": "reklame", "organisation": "912345678"},
                {"token": "kort", "organisation": "987654321", "expires": "2026-01-15T13:00:00Z"},
            ],
        }
    )
    assert look_up(smsc, PEOPLE[0], token="reklame").status_code == 403
    assert look_up(smsc, PEOPLE[0], token="kort").status_code == 200
    smsc.clock.advance("1h")
    assert look_up(smsc, PEOPLE[0], token="kort").status_code == 401


def test_K11_contact_data_go_stale_when_the_clock_passes_eighteen_months(smsc: SmscHandle) -> None:
    one = PEOPLE[500]
    person(smsc, one, mobile="90000001", at="2024-07-15T13:00:00Z")
    status = [row["varslingsstatus"] for row in look_up(smsc, one).json()["personer"]]
    assert status == ["KAN_VARSLES"]
    smsc.clock.advance("2h")
    row = look_up(smsc, one).json()["personer"][0]
    assert row["varslingsstatus"] == "KAN_IKKE_VARSLES"
    assert row["kontaktinformasjon"]["mobiltelefonnummer"] == "+4790000001"
    person(smsc, one, verified=True)
    assert look_up(smsc, one).json()["personer"][0]["varslingsstatus"] == "KAN_VARSLES"


@pytest.fixture
def snoby(make_smsc: Callable[..., SmscHandle]) -> SmscHandle:
    """A municipality with a thousand invented inhabitants, whose handsets are the farm's."""
    return make_smsc(contacts={"synthetic": {"persons": 1000, "first_number": "4790010000"}})


def test_K04_K10_a_snow_notice_to_a_thousand_people_has_the_right_line_for_each(
    snoby: SmscHandle, bind: Bind
) -> None:
    farm = bind("farm", "farm", kind="receiver", at=snoby.smpp_address)
    everybody = {row["identifier"]: row for row in snoby.control("register_persons", None, 1000)}
    with_mobile = [one for one in PEOPLE if one in everybody and everybody[one]["mobile"]]
    dead_zone, unknown = set(with_mobile[5:400:20]), set(with_mobile[15:400:20])
    for one in sorted(dead_zone):
        snoby.handset(everybody[one]["mobile"]["address"]).enter(TUNNEL)
    for one in sorted(unknown):
        snoby.handset(everybody[one]["mobile"]["address"]).remove_sim()

    order = notify(snoby, PEOPLE, kind="service", subject="Snø")
    reached = [one for one in with_mobile if one not in dead_zone | unknown]
    arrived = {one.destination: one for one in (farm.receive() for _ in reached)}
    assert farm.has_nothing()
    told = report_of(snoby, order)

    def expected(one: str) -> tuple[str, str]:
        row = everybody.get(one)
        if row is None:
            return "not_notified", "not_registered"
        if not row["mobile"]:
            return ("email_sent", "no_mobile") if row["email"] else ("not_notified", "no_contact")
        if one in unknown:
            return ("email_sent" if row["email"] else "failed"), "unknown_subscriber"
        return ("sms_sent" if one in dead_zone else "sms_delivered"), ""

    assert {one: (row["state"], row["why"]) for one, row in told.items()} == {
        one: expected(one) for one in PEOPLE
    }
    kinds = Counter(state for state, _ in map(expected, PEOPLE))
    assert min(kinds["sms_delivered"], kinds["sms_sent"], kinds["email_sent"], kinds["not_notified"]) >= 5
    assert any(everybody[one]["reserved"] for one in reached)  # a service message reaches them too
    assert any(not everybody[one]["mobile"]["fresh"] for one in reached)
    languages = set()
    for one in reached:
        message = arrived[everybody[one]["mobile"]["address"].removeprefix("+")]
        assert (message.source, message.source_type[0]) == ("Snoby", 5)
        assert message.text == TEXTS[everybody[one]["language"]]
        assert (message.fields["data_coding"] == 8) == (everybody[one]["language"] == "se")
        languages.add(everybody[one]["language"])
    assert languages == set(TEXTS)

    snoby.clock.advance("4d")  # the SMS to those in the dead zone expire, and e-mail takes over
    told = report_of(snoby, order)
    for one in dead_zone:
        assert told[one]["state"] == ("email_sent" if everybody[one]["email"] else "failed")
        assert told[one]["why"] == "absent_no_paging_response"
    outbox = httpx.get(f"{snoby.url}/api/v1/register/outbox").json()["outbox"]
    assert len(outbox) == sum(row["state"] == "email_sent" for row in told.values())
    assert {mail["sender"] for mail in outbox} == {"Snøby kommune"}
    assert {mail["subject"] for mail in outbox} == {"Snø"}


def test_K09_K11_a_formal_notice_leaves_out_the_reserved_and_the_stale(snoby: SmscHandle, bind: Bind) -> None:
    bind("farm", "farm", kind="receiver", at=snoby.smpp_address)
    everybody = {row["identifier"]: row for row in snoby.control("register_persons", None, 1000)}
    order = notify(snoby, PEOPLE, kind="formal", subject="Vedtak")
    snoby.clock.advance("1min")
    told = report_of(snoby, order)

    def fresh(row: dict[str, Any], channel: str) -> bool:
        return bool(row[channel] and row[channel]["fresh"])

    for one in PEOPLE:
        row, state = everybody.get(one), told[one]["state"]
        if row is None or row["reserved"]:
            assert state == "not_notified"
            assert told[one]["why"] == ("not_registered" if row is None else "reserved")
        elif fresh(row, "mobile"):
            assert state == "sms_delivered"
        else:
            assert state == ("email_sent" if fresh(row, "email") else "not_notified")
    assert Counter(row["why"] for row in told.values())["stale"] >= 20


def test_a_notice_waits_for_its_moment_and_for_those_entitled(smsc: SmscHandle, bind: Bind) -> None:
    kari = bind("4790000001", at=smsc.smpp_address)
    one = PEOPLE[500]
    person(smsc, one, mobile="90000001", language="en")
    order = notify(smsc, [one], dispatch_at="2026-06-01T12:00:00Z")
    assert not order["dispatched"]
    assert kari.has_nothing()
    person(smsc, one, language="nn")  # looked up at dispatch, not now
    now = smsc.control("clock")["now"]
    httpx.post(f"{smsc.url}/api/v1/clock/advance", json={"to": "2026-06-01T12:00:00Z"}, timeout=20)
    assert smsc.control("clock")["now"] > now
    assert kari.receive().text == TEXTS["nn"]
    assert report_of(smsc, order)[one]["state"] == "sms_delivered"
    other = {"Authorization": "Bearer guess"}
    answer = httpx.get(f"{smsc.url}/api/v1/register/notifications/{order['id']}", headers=other)
    assert answer.status_code == 401


def test_a_long_notice_is_delivered_when_all_of_it_is(smsc: SmscHandle, bind: Bind) -> None:
    kari, ola = (bind(number, at=smsc.smpp_address) for number in ("4790000001", "4790000002"))
    one, other = PEOPLE[500:502]
    person(smsc, one, mobile="90000001")
    person(smsc, other, mobile="90000002", email="ola@example.no")
    kari.withhold()
    ola.answer = lambda delivered: 0x65 if delivered.fields["short_message"][5] == 2 else 0  # ESME_RX_P_APPN
    order = notify(smsc, [one, other], texts={"nb": "Vannet er stengt. " * 15})
    smsc.clock.advance("1min")
    first = kari.receive()
    references = {first.fields["short_message"][3], ola.receive().fields["short_message"][3]}
    assert len(references) == 2  # each notice has one of its own
    kari.acknowledge(first)
    assert report_of(smsc, order)[one]["state"] == "sms_sent"
    kari.catch_up()
    kari.receive_all(first.fields["short_message"][4] - 1)
    smsc.clock.advance("1min")
    told = report_of(smsc, order)
    assert told[one]["state"] == "sms_delivered"
    assert (told[other]["state"], told[other]["why"]) == ("email_sent", "ms_permanent")


def test_people_survive_a_restart(make_smsc: Callable[..., SmscHandle], tmp_path: Any) -> None:
    store = {"url": f"sqlite:{tmp_path}/smsc.db"}
    first = make_smsc(store=store)
    person(first, PEOPLE[500], mobile="90000001", language="se")
    person(first, PEOPLE[501], mobile="90000001")
    first.stop()
    second = make_smsc(store=store)
    rows = look_up(second, *PEOPLE[500:502]).json()["personer"]
    assert [row["spraak"] for row in rows] == ["se", "nb"]
    assert [row["kontaktinformasjon"]["mobiltelefonnummer_duplisert"] for row in rows] == ["JA", "JA"]


# --- dates: the documentation has three forms, what is recorded has +01 and +02 --------------------

WHEN = {"2026-01-10T12:00:00Z": "2026-01-10T13:00:00", "2025-07-10T12:00:00Z": "2025-07-10T14:00:00"}


@pytest.mark.parametrize("form", ["Z", "hours", "minutes"])
@pytest.mark.parametrize("moment", list(WHEN))
@pytest.mark.parametrize("dates", ["offset", "utc"])
def test_dates_are_read_in_each_form_and_written_as_set(
    make_smsc: Callable[..., SmscHandle], dates: str, moment: str, form: str
) -> None:
    """API and configuration take all three; winter and summer time are told apart (policy: as recorded)."""
    local = WHEN[moment]
    offset = "+02" if "-07-" in moment else "+01"
    given = {"Z": moment, "hours": local + offset, "minutes": f"{local}{offset}:00"}[form]
    one, other = PEOPLE[0], PEOPLE[1]
    people = [{"identifier": other, "mobile": "4790000002", "updated": given}]
    smsc = make_smsc(contacts={"dates": dates, "persons": people})
    person(smsc, one, mobile="90000001", at=given)
    found = look_up(smsc, one, other).json()["personer"]
    shown = {each["kontaktinformasjon"]["mobiltelefonnummer_oppdatert"] for each in found}
    assert shown == {moment if dates == "utc" else local + offset}
