"""Why a submission was refused, in words: the field, its value, and what would be right.

Made on the road of refusals only. A reason that says all by itself has no entry here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smsc import reasons
from smsc.routing.explain import right_types, ton_name

if TYPE_CHECKING:
    from smsc.engine.binds.bindings import Bind
    from smsc.protocol.pdu.submit import Submit
    from smsc.routing.router import Router

_SHOWN = 5  # numbers or senders that are named


def explain(reason: int, row: Submit, bind: Bind, router: Router, wrong: str) -> str:
    """The sentence for one refused row; `wrong` is what the reader of its times and options said."""
    said = reasons.REASONS[reason].sentence
    if _is_source(reason) or reason == reasons.SENDER_TOO_LONG:
        shown = address(row.source, row.source_length, row.source_text)
        return f"{said} source_addr {shown!r}, TON {row.source_ton}, NPI {row.source_npi}" + (
            f"{_other_source(row, bind, router, shown)}; {_own(bind)}"
        )
    if _is_destination(reason):
        return f"{said} {_destination(row)}{_other_destination(row, router)}."
    if reason == reasons.THROTTLED and bind.bucket is not None:
        return f"{said} {bind.bucket.rate:g} a second are allowed to {bind.account.system_id}."
    fields = {
        reasons.INVALID_ESM_CLASS: f"esm_class is 0x{row.esm_class:02X}",
        reasons.RECEIPT_FROM_CLIENT: f"esm_class is 0x{row.esm_class:02X}",
        reasons.INVALID_REGISTERED_DELIVERY: f"registered_delivery is 0x{row.registered_delivery:02X}",
        reasons.INVALID_PRIORITY: f"priority_flag is {row.priority}, 0 to 3 are legal",
        reasons.INVALID_SCHEDULE: f"schedule_delivery_time is {row.schedule.decode('latin-1')!r}",
        reasons.INVALID_VALIDITY: f"validity_period is {row.validity.decode('latin-1')!r}",
        reasons.INVALID_DEFAULT_MESSAGE: f"sm_default_msg_id is {row.default_msg_id}",
        reasons.INVALID_DATA_CODING: f"data_coding is 0x{row.data_coding:02X}",
        reasons.INVALID_SERVICE_TYPE: f"service_type is {row.service_type.decode('latin-1')!r}",
    }
    if reason in fields:
        return f"{fields[reason]}: {wrong}" if wrong else f"{said} {fields[reason]}."
    return f"{said} {wrong}".strip()


def address(value: int, length: int, text: bytes) -> str:
    """An address of a row as it was on the wire."""
    if value < 0:
        return text.decode("latin-1")
    return str(value).rjust(length, "0")


def _is_source(reason: int) -> bool:
    return reasons.SOURCE_NOT_ALLOWED <= reason <= reasons.SOURCE_NPI


def _is_destination(reason: int) -> bool:
    return reasons.DESTINATION_FOREIGN <= reason <= reasons.CODE_UNKNOWN


def _own(bind: Bind) -> str:
    """What the bind may use."""
    if bind.number:
        return f"an empty one stands for {bind.number}."
    account = bind.account
    senders = [sender.decode("latin-1") for sender in account.senders]
    numbers = [str(number) for number in account.numbers]
    ranges = [f"{first} to {last}" for first, last in account.ranges]
    own = [*senders, *numbers, *ranges]
    more = f" and {len(own) - _SHOWN} more" if len(own) > _SHOWN else ""
    return f"{account.system_id} has {', '.join(own[:_SHOWN]) or 'none of its own'}{more}."


def _destination(row: Submit) -> str:
    shown = address(row.dest, row.dest_length, row.dest_text)
    return f"destination_addr {shown!r}, TON {row.dest_ton}, NPI {row.dest_npi}"


def _other_destination(row: Submit, router: Router) -> str:
    """With which TON and NPI the same digits would do: they are what clients get wrong most."""

    def read(ton: int, npi: int, text: str) -> int:
        answer = router.read_text(ton, npi, text)
        return answer if answer < 0 else router.route(answer >> 8, answer & 255)

    shown = address(row.dest, row.dest_length, row.dest_text)
    return _valid_with(right_types(read, shown, row.dest_ton, row.dest_npi))


def _other_source(row: Submit, bind: Bind, router: Router, shown: str) -> str:
    def read(ton: int, npi: int, text: str) -> int:
        return router.check_source(bind.account, ton, npi, -1, 0, text.encode("latin-1"))

    if shown and router.check_source(bind.account, 5, 0, -1, 0, shown.encode("latin-1")) == 0:
        return "; valid with TON 5 (alphanumeric), NPI 0"
    return _valid_with(right_types(read, shown, row.source_ton, row.source_npi) if shown else None)


def _valid_with(right: tuple[int, int] | None) -> str:
    return "" if right is None else f"; valid with TON {right[0]} ({ton_name(right[0])}), NPI {right[1]}"
