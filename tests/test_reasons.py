"""The catalogue of reasons is complete, consistent and safe to persist."""

import ast
import re
from pathlib import Path

import pytest

from smsc import reasons
from smsc.reasons import REASONS, by_name, command_status

RESERVED = (
    {0x09, 0x10, 0x12, 0x41, 0x46, 0x47, 0x52, 0x56, 0x57, 0x59, 0x60}
    | set(range(0x16, 0x33))
    | set(range(0x35, 0x40))
    | set(range(0x68, 0xC0))
    | set(range(0xC5, 0xFE))
)


def test_every_reason_stands_at_its_own_code() -> None:
    assert [reason.code for reason in REASONS] == list(range(len(REASONS)))


def test_the_constant_of_a_reason_is_its_name_in_capitals() -> None:
    for reason in REASONS:
        assert getattr(reasons, reason.name.upper()) == reason.code


def test_every_integer_constant_is_a_reason() -> None:
    constants = {
        name
        for name, value in vars(reasons).items()
        if name.isupper() and isinstance(value, int) and not name.startswith(("_", "ESME_"))
    }
    assert constants == {reason.name.upper() for reason in REASONS}


def test_the_reasons_of_compiled_modules_are_the_catalogue() -> None:
    stands = Path(reasons.__file__).with_suffix(".pxd").read_text(encoding="utf-8")
    in_c = {name: int(code) for name, code in re.findall(r"^    (\w+) = (\d+)$", stands, re.MULTILINE)}
    assert in_c == {reason.name.upper(): reason.code for reason in REASONS}


#: Of `policy.too_long` and `policy.long_sender`.
PLANNED = {"text_too_long", "sender_too_long"}


def given_by_the_product() -> set[str]:
    """The names of the reasons that product code or its data gives, as a constant or by name."""
    names = {reason.name for reason in REASONS}
    given = {REASONS[code].name for code in reasons.OF_FAULT.values()}
    product = Path(reasons.__file__).parent
    for path in product.rglob("*.py"):
        # Where a reason is only looked up, nothing gives it.
        if path.name in ("reasons.py", "explain.py") or path.parent.name == "world":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                given |= {node.attr.lower()} & names
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                given |= {node.value} & names
    plan = (product / "routing" / "norway.toml").read_text(encoding="utf-8")
    return given | {name for name in names if f'"{name}"' in plan}


def test_every_reason_is_given_by_something_or_retired() -> None:
    retired = {REASONS[code].name for code in reasons.RETIRED}
    given = given_by_the_product()
    assert {reason.name for reason in REASONS} - given - PLANNED == retired
    assert not given & retired


def test_a_retired_reason_still_reads() -> None:
    for code, name in ((22, "deleted_by_operator"), (24, "receipt_expired"), (34, "provider_unavailable")):
        assert code in reasons.RETIRED
        assert REASONS[code].name == name


def test_names_are_unique_and_found() -> None:
    assert len({reason.name for reason in REASONS}) == len(REASONS)
    for reason in REASONS:
        assert by_name(reason.name) is reason
    with pytest.raises(KeyError):
        by_name("no_such_reason")


def test_codes_fit_one_octet_of_a_packed_timeline() -> None:
    assert len(REASONS) < 256


def test_no_reason_sends_a_reserved_command_status() -> None:
    for reason in REASONS:
        assert reason.command_status not in RESERVED, reason


def test_err_is_three_digits_and_the_map_number_where_there_is_one_of_its_own() -> None:
    for reason in REASONS:
        assert 0 <= reason.err <= 999
        if reason.err < 100 and reason.err:
            assert reason.err == reason.map_error


def test_own_err_numbers_are_not_shared() -> None:
    own = [reason.err for reason in REASONS if reason.err >= 100]
    assert len(own) == len(set(own))


def test_sentences_are_sentences() -> None:
    for reason in REASONS:
        assert reason.sentence.endswith(".")
        assert reason.sentence[0].isupper() or reason.sentence[0].isdigit()


@pytest.mark.parametrize(
    "name, number",
    [
        ("unknown_subscriber", 1),
        ("teleservice_not_provisioned", 11),
        ("call_barred", 13),
        ("facility_not_supported", 21),
        ("absent_no_paging_response", 6),
        ("absent_detached", 6),
        ("absent_no_bind", 6),
        ("memory_capacity_exceeded", 32),
        ("busy", 31),
        ("system_failure", 34),
        ("illegal_subscriber", 9),
        ("illegal_equipment", 12),
    ],
)
def test_map_errors_have_the_numbers_of_29_002(name: str, number: int) -> None:
    assert by_name(name).map_error == number
    assert by_name(name).err == number


def test_absent_subscriber_tells_no_paging_response_from_detached() -> None:
    assert reasons.ABSENT_DIAGNOSTIC[reasons.ABSENT_NO_PAGING_RESPONSE] == 0
    assert reasons.ABSENT_DIAGNOSTIC[reasons.ABSENT_DETACHED] == 1
    for code in reasons.ABSENT_DIAGNOSTIC:
        assert REASONS[code].map_error == 6


@pytest.mark.parametrize(
    "name, status",
    [
        ("source_not_allowed", 0x0A),
        ("source_unknown_sim", 0x0A),
        ("sim_suspended", 0x45),
        ("sim_blocked", 0x45),
        ("sim_expired", 0x45),
        ("sim_inactive", 0x45),
        ("outgoing_sms_barred", 0x45),
        ("content_barred", 0x45),
        ("destination_foreign", 0x0B),
        ("destination_fixed_line", 0x0B),
        ("destination_text_telephone", 0x0B),
        ("destination_blocked_range", 0x0B),
        ("destination_reserved", 0x0B),
        ("destination_unassigned", 0x0B),
        ("destination_wrong_length", 0x0B),
        ("destination_malformed", 0x0B),
        ("destination_no_sms", 0x0B),
        ("helpline_unassigned", 0x0B),
        ("code_unknown", 0x0B),
        ("destination_ton", 0x50),
        ("destination_npi", 0x51),
        ("source_ton", 0x48),
        ("source_npi", 0x49),
        ("no_coverage_reject", 0x45),
        ("throttled", 0x58),
        ("queue_full", 0x14),
        ("store_failed", 0x08),
        ("emergency_not_registered", 0x00),
        ("invalid_esm_class", 0x43),
        ("invalid_registered_delivery", 0x07),
        ("invalid_priority", 0x06),
        ("invalid_schedule", 0x61),
        ("invalid_validity", 0x62),
        ("invalid_message_length", 0x01),
        ("invalid_default_message", 0x63),
        ("receipt_from_client", 0x43),
    ],
)
def test_refusals_are_answered_as_users_rely_on(name: str, status: int) -> None:
    assert by_name(name).command_status == status


def test_a_bad_data_coding_has_its_own_status_on_smpp_5_0_only() -> None:
    assert command_status(reasons.INVALID_DATA_CODING, 0x33) == 0x45
    assert command_status(reasons.INVALID_DATA_CODING, 0x34) == 0x45
    assert command_status(reasons.INVALID_DATA_CODING, 0x50) == 0x104
    assert command_status(reasons.DESTINATION_FOREIGN, 0x50) == 0x0B


@pytest.mark.parametrize("name", ["unknown_subscriber", "teleservice_not_provisioned", "illegal_subscriber"])
def test_errors_that_23_040_calls_permanent_are(name: str) -> None:
    assert by_name(name).permanent


@pytest.mark.parametrize(
    "name",
    [
        "call_barred",
        "facility_not_supported",
        "absent_detached",
        "memory_capacity_exceeded",
        "system_failure",
    ],
)
def test_errors_that_23_040_calls_temporary_are(name: str) -> None:
    assert not by_name(name).permanent
