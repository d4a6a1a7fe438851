"""Message ids and receipts as other operators write them, for ESMEs that are to meet them in a test.

The specification's receipt is an example [SMPP 3.4 Appendix B] and its message_id any text [§5.2.23], and
operators use that. An account with a dialect gets its receipts rewritten; all others never come here.
"""

from __future__ import annotations

from smsc.config.settings import Settings
from smsc.config.wire import Ids, ReceiptDialect, ResponseDialect
from smsc.delivery.message import Message
from smsc.engine.bindings import Bind
from smsc.engine.receipts import LocalTime
from smsc.protocol.constants import V34
from smsc.protocol.submit import find_tlv
from smsc.routing.accounts import Account, Accounts

_RECEIPTED_ID, _STATE, _NETWORK_ERROR, _REFERENCE = 0x001E, 0x0427, 0x0423, 0x0204
_COUNTS = b"sub:001 dlvrd:"
_BASES = {"decimal": (10, "d"), "hex": (16, "x"), "HEX": (16, "X")}
_MOST_DIGITS = 24


class IdForm:
    """How message ids are written: to which base, and with leading zeros up to which width."""

    __slots__ = ("base", "form")

    def __init__(self, rules: Ids) -> None:
        self.base, digits = _BASES[rules.id]
        self.form = f"0{rules.id_width}{digits}"

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


PLAIN = IdForm(Ids())


def response_ids(rules: ResponseDialect) -> IdForm:
    """The form of the ids in an account's responses, ``PLAIN`` itself where the rules say nothing else."""
    return PLAIN if rules == ResponseDialect() else IdForm(rules)


def ids_of(account: Account) -> IdForm:
    """The form of the ids in this account's responses."""
    form = account.settings.get("ids")
    return form if isinstance(form, IdForm) else PLAIN


def shown_id(bind: Bind, ident: int) -> str:
    """A message id as a response to this bind carries it."""
    text = ids_of(bind.account).show(ident).decode("ascii")
    return text[-8:] if bind.session.version < V34 else text  # leading zeros are all that can go [3.3]


class Dialect:
    """How one account's receipts are rewritten."""

    __slots__ = ("ids", "rules", "zone")

    def __init__(self, rules: ReceiptDialect, zone: LocalTime) -> None:
        self.rules = rules
        self.ids = IdForm(rules)
        self.zone = zone

    def rewrite(self, made: Message, ident: int, submitted: int, now: int) -> None:
        """Change the text and the TLVs of a receipt as it was made for message ``ident``."""
        shown, plain = self.ids.show(ident), b"%d" % ident
        if self.rules.text:
            made.body = self._text(made.body, plain, shown, submitted, now)
        else:
            made.body = b""
        made.tlvs = self._tlvs(made.tlvs, shown) if self.rules.tlvs else b""

    def _text(self, text: bytes, plain: bytes, shown: bytes, submitted: int, now: int) -> bytes:
        text = b"id:" + shown + text[len(b"id:") + len(plain) :]
        head, quoted, excerpt = text.partition(b" text:")
        if not self.rules.counts:
            before, counts, after = head.partition(_COUNTS)
            if counts:
                head = before + after[4:]  # three digits and a space
        if self.rules.seconds:
            for label, at in ((b"submit date:", submitted), (b"done date:", now)):
                before, label, after = head.partition(label)
                head = before + label + self.zone.stamp(at) + b"%02d" % (at // 1000 % 60) + after[10:]
        return head + quoted + excerpt

    def _tlvs(self, area: bytes, shown: bytes) -> bytes:
        kept = _tlv(_RECEIPTED_ID, shown + b"\0")
        for tag in (_STATE, _NETWORK_ERROR, _REFERENCE):
            value = find_tlv(area, tag)
            if value is not None:
                kept += _tlv(tag, value)
        return kept


def _tlv(tag: int, value: bytes) -> bytes:
    return tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def dialects(settings: Settings, accounts: Accounts, zone: LocalTime) -> dict[int, Dialect]:
    """The dialects by account index; empty when everybody gets what the specification shows."""
    found: dict[int, Dialect] = {}
    plain = ReceiptDialect()
    for esme in settings.esmes:
        account = accounts.by_system_id(esme.system_id)
        if account is not None and esme.receipts != plain:
            found[account.index] = Dialect(esme.receipts, zone)
    return found
