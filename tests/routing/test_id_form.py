"""How message ids are written to an account, and read when it asks about one [SMPP 3.4 §5.2.23]."""

import pytest

from smsc.routing.accounts import Account
from smsc.routing.id_form import PLAIN, IdForm, id_form, ids_of


@pytest.mark.parametrize(
    ("base", "width", "ident", "shown"),
    [
        ("decimal", 0, 1234567890, b"1234567890"),
        ("decimal", 12, 255, b"000000000255"),
        ("hex", 0, 255, b"ff"),
        ("hex", 8, 255, b"000000ff"),
        ("HEX", 8, 255, b"000000FF"),
        ("hex", 2, 2**63 - 1, b"7fffffffffffffff"),
    ],
)
def test_an_id_reads_back_as_it_is_shown(base: str, width: int, ident: int, shown: bytes) -> None:
    form = IdForm(base, width)
    assert form.show(ident) == shown
    assert form.read(shown.decode()) == ident


def test_hexadecimal_digits_are_read_in_either_case() -> None:
    assert IdForm("hex").read("FF") == IdForm("HEX").read("ff") == 255


@pytest.mark.parametrize("text", ["", " 7", "7 ", "+7", "-7", "1_0", "0x7", "٧", "ff", "7" * 25, str(2**63)])
def test_what_is_no_id_is_none(text: str) -> None:
    assert PLAIN.read(text) == 0


def test_the_largest_id_and_many_leading_zeros_are_read() -> None:
    assert PLAIN.read(str(2**63 - 1)) == 2**63 - 1
    assert PLAIN.read("7".zfill(24)) == 7


def test_the_plain_form_is_one_object_by_which_the_hot_path_knows_it() -> None:
    assert id_form("decimal", 0) is PLAIN
    assert id_form("decimal", 10) is not PLAIN
    assert id_form("hex", 0) is not PLAIN
    account = Account("shop", "shop")
    assert ids_of(account) is PLAIN
    account.settings["ids"] = IdForm("hex")
    assert ids_of(account).show(255) == b"ff"
