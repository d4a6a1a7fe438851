"""How message ids are written to an account: any text will do for a message_id [SMPP 3.4 §5.2.23]."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsc.routing.accounts import Account

_BASES = {"decimal": (10, "d"), "hex": (16, "x"), "HEX": (16, "X")}
_MOST_DIGITS = 24


class IdForm:
    """To which base, and with leading zeros up to which width: ``IdForm("hex", 8)``."""

    __slots__ = ("base", "form")

    def __init__(self, base: str = "decimal", width: int = 0) -> None:
        self.base, digits = _BASES[base]
        self.form = f"0{width}{digits}"

    def show(self, ident: int) -> bytes:
        """The id as the ESME sees it."""
        return format(ident, self.form).encode("ascii")

    def read(self, text: str) -> int:
        """The id that the ESME means, 0 for what is none."""
        if not text.isalnum() or not text.isascii() or len(text) > _MOST_DIGITS:
            return 0
        try:
            ident = int(text, self.base)
        except ValueError:
            return 0
        return ident if ident < 2**63 else 0


PLAIN = IdForm()


def id_form(base: str, width: int) -> IdForm:
    """The form asked for, ``PLAIN`` itself where nothing else is."""
    return PLAIN if (base, width) == ("decimal", 0) else IdForm(base, width)


def ids_of(account: Account) -> IdForm:
    """The form of the ids in this account's responses; ``PLAIN`` itself where nothing else is configured."""
    form = account.settings.get("ids")
    return form if isinstance(form, IdForm) else PLAIN
