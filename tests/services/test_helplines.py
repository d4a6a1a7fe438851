"""116 helplines, rule by rule (E1-E15 of docs/norway.md)."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smsc import reasons
from smsc.delivery.message import FOREVER
from smsc.routing.special import Helpline, SpecialNumbers
from smsc.services import helplines, texts
from smsc.services.base import DAY, MINUTE, Outcome, ServiceError
from smsc.services.helplines import HelplineRules, HelplineService, Terms
from tests.services.helpers import Message, Sim, at

NOW = at("2026-01-15 12:00")
KARI = 4790000001
CHILD, DOCTOR, FREE = 47116111, 47116117, 47116000
ALARM, NEXT = 21, 22
INDEX = {"alarmtlf": ALARM, "next": NEXT}
ALARM_LINE = Helpline(
    CHILD, "Alarmtelefonen", "child helpline", at("2009-06-02"), sms=True, account="alarmtlf"
)
LEGEVAKT = Helpline(DOCTOR, "Legevakt", "out-of-hours doctor", sms=False, account="next")
ORDINARY = Terms()
NEXT_LINE = replace(ALARM_LINE, holder="Next", account="next")


def service(*lines: Helpline, terms: Terms = ORDINARY, **rules: Any) -> HelplineService:
    made = HelplineService(HelplineRules(**rules), SpecialNumbers(), INDEX.get)
    for line in lines or (ALARM_LINE, LEGEVAKT):
        made.assign(line, terms, NOW)
    return made


def submit(
    service: HelplineService,
    destination: int = CHILD,
    now: int = NOW,
    source: int = KARI,
    sim: Sim | None = None,
) -> Outcome:
    return service.on_submit(Message(source, destination), sim or Sim(), now)


@pytest.mark.parametrize("number", [47115999, 47117000, 4711600, 471160000, 4790000001])
def test_E01_only_116000_to_116999(number: int) -> None:
    with pytest.raises(ServiceError, match="no 116 number"):
        service(Helpline(number, "Someone", "help"))


@pytest.mark.parametrize("number", [47116000, 47116999])
def test_E01_both_ends_belong_to_the_range(number: int) -> None:
    assert service(Helpline(number, "Someone", "help")).find(number, NOW)


def test_E02_list_of_assigned_numbers() -> None:
    listed = service().all(NOW)
    assert [(row["number"], row["holder"], row["sms"]) for row in listed] == [
        ("116111", "Alarmtelefonen", True),
        ("116117", "Legevakt", False),
    ]
    assert listed[0]["assigned_from"] == "2009-06-01T22:00:00Z"
    assert service().find(FREE, NOW) is None


def test_E02_a_number_has_one_holder_at_a_time_and_dates_are_replayed() -> None:
    line = service(
        replace(ALARM_LINE, assigned_to=at("2020-01-01")), replace(NEXT_LINE, assigned_from=at("2020-01-01"))
    )
    assert submit(line, now=at("2020-01-01") - 1).recipient == -ALARM
    assert submit(line, now=at("2020-01-01")).recipient == -NEXT
    with pytest.raises(ServiceError, match="assigned already"):
        line.assign(replace(NEXT_LINE, assigned_from=at("2025-01-01")), Terms(), NOW)


def test_E03_holder_must_operate_in_norway() -> None:
    with pytest.raises(ServiceError, match="operate in Norway"):
        service(terms=Terms(operates_in_norway=False))


@pytest.mark.parametrize("purposes", [set(), {"sale"}, {"help", "entertainment"}])
def test_E04_information_help_or_reporting_and_nothing_else(purposes: set[str]) -> None:
    with pytest.raises(ServiceError, match="Purposes"):
        service(terms=Terms(purposes=frozenset(purposes)))
    service(terms=Terms(purposes=frozenset({"information", "help", "reporting"})))


def test_E05_open_to_everybody_without_registration() -> None:
    line = service()
    for source, sim in ((KARI, Sim()), (47580000000001, Sim()), (46701234567, Sim(imsi="240010000000001"))):
        assert submit(line, source=source, sim=sim).recipient == -ALARM
    assert line.on_submit(Message(KARI, CHILD), None, NOW).recipient == -ALARM


def test_E05_helplines_share_no_code_with_emergency_sms() -> None:
    tree = ast.parse(Path(helplines.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in modules if "emergency" in name or "registration" in name}


def test_E07_nobody_must_be_able_to_pay() -> None:
    penniless = Sim(barred=2)
    assert submit(service(), sim=penniless).recipient == -ALARM


def test_E08_nothing_is_appended_and_nothing_sent_besides() -> None:
    outcome = submit(service())
    assert (outcome.tlvs, outcome.replies) == (b"", ())


def test_E09_no_sender_is_remembered() -> None:
    line = service()
    submit(line)
    assert str(KARI) not in str(dict(line.records())) + str(line.changes()) + str(line.bill("2026-01"))


def test_E10_the_holder_pays() -> None:
    line = service(receiver_price_ore=49)
    for _ in range(3):
        assert submit(line).data == {"payer": "receiver"}
    line.on_from_provider(ALARM, Message(CHILD, KARI), NOW)
    assert line.bill("2026-01") == [
        {"number": "116111", "month": "2026-01", "messages": 4, "price_ore": 196},
    ]
    assert line.bill("2026-02") == []


def test_E11_nkom_may_exempt_a_number() -> None:
    line = service(ALARM_LINE, terms=Terms(exempt_from_free=True), receiver_price_ore=49)
    assert submit(line).data == {"payer": "sender"}
    assert line.bill("2026-01")[0]["price_ore"] == 0
    assert service().all(NOW)[0]["payer"] == "receiver", "the main rule is free"


SILENT = Terms(voice=False)
LATE_LINE = replace(ALARM_LINE, assigned_from=at("2026-01-31"))


def test_E12_right_lapses_when_not_used_within_six_months() -> None:
    line = service(LATE_LINE, terms=SILENT)
    lapses = at("2026-07-31")
    assert line.lapses_at(LATE_LINE) == lapses
    assert len(line.all(lapses - 1)) == 1
    assert submit(line, now=lapses).reason == reasons.HELPLINE_UNASSIGNED
    assert line.all(lapses) == []
    line.assign(replace(NEXT_LINE, assigned_from=lapses), SILENT, lapses)
    assert submit(line, now=lapses).recipient == -NEXT


def test_E12_right_lapses_when_unused_for_a_year_later() -> None:
    line = service(LATE_LINE, terms=SILENT)
    assert submit(line, now=at("2026-07-30")).recipient == -ALARM
    assert line.find(CHILD, at("2027-07-30") - 1)
    assert line.find(CHILD, at("2027-07-30")) is None


def test_E12_nkom_may_extend_and_voice_counts_as_use() -> None:
    extended = service(LATE_LINE, terms=replace(SILENT, extended_to=at("2026-10-01")))
    assert extended.find(CHILD, at("2026-10-01") - 1)
    assert extended.find(CHILD, at("2026-10-01")) is None
    assert service(LATE_LINE).find(CHILD, at("2126-01-01"))


def test_E13_holder_without_sms_answers_so_once_a_minute() -> None:
    line = service()
    outcome = submit(line, DOCTOR)
    assert (outcome.recipient, outcome.reason, outcome.refuse) == (0, reasons.HELPLINE_NO_SMS, False)
    (reply,) = outcome.replies
    assert (reply.source, reply.to) == ("47116117", KARI)
    assert reply.text == "116 117 does not take SMS. Please call 116 117."
    assert submit(line, DOCTOR, NOW + MINUTE - 1).replies == ()
    assert submit(line, DOCTOR, NOW + MINUTE).replies


def test_E13_or_the_submit_is_refused() -> None:
    outcome = submit(service(LEGEVAKT, no_sms="refuse"), DOCTOR)
    assert (outcome.reason, outcome.refuse, outcome.replies) == (reasons.DESTINATION_NO_SMS, True, ())
    assert reasons.REASONS[outcome.reason].command_status == 0x0B


def test_E13_every_reply_is_one_sms_in_the_default_alphabet() -> None:
    assert all(texts.septets(text.format(number="116 117")) <= 160 for text in texts.HELPLINE.values())


@pytest.mark.parametrize("number", [FREE, 47116999])
def test_E14_unassigned_number_is_not_routed(number: int) -> None:
    outcome = submit(service(), number)
    assert (outcome.reason, outcome.refuse) == (reasons.HELPLINE_UNASSIGNED, True)
    assert reasons.REASONS[outcome.reason].command_status == 0x0B


def test_E15_no_registration_no_charge_no_advertising_no_list_of_senders() -> None:
    line = service(receiver_price_ore=49)
    outcome = line.on_submit(Message(KARI, CHILD), Sim(barred=2), NOW)
    assert outcome.recipient == -ALARM
    assert outcome.data == {"payer": "receiver"}
    assert (outcome.tlvs, outcome.replies) == (b"", ())
    assert not any(str(KARI) in key + str(row) for key, row in line.records())


def test_helpline_writes_back_from_its_own_number_only() -> None:
    line = service()
    assert line.on_from_provider(ALARM, Message(CHILD, KARI), NOW).recipient == KARI
    for account, source in ((ALARM, DOCTOR), (99, CHILD), (ALARM, FREE)):
        outcome = line.on_from_provider(account, Message(source, KARI), NOW)
        assert (outcome.reason, outcome.refuse) == (reasons.SOURCE_NOT_ALLOWED, True)


def test_restart_remembers_use_and_bill() -> None:
    line = service(LATE_LINE, terms=SILENT, receiver_price_ore=49)
    submit(line, now=at("2026-03-01"))
    again = service(LATE_LINE, terms=SILENT, receiver_price_ore=49)
    stored = line.changes()
    assert stored == dict(line.records())
    again.load(stored.items())
    assert dict(again.records()) == dict(line.records())
    assert again.lapses_at(LATE_LINE) == at("2027-03-01")
    assert again.bill("2026-03") == line.bill("2026-03")
    assert again.next_due() == FOREVER
    assert again.step(NOW + DAY) == ()
