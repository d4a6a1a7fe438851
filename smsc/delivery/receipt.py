"""Which receipts a message owes its sender [SMPP 3.4 §5.2.17]."""

from __future__ import annotations

from typing import Final

from smsc.delivery.message import DELIVERED, ORDINARY, Message

ON_OUTCOME: Final = 1
ON_FAILURE: Final = 2
ON_SUCCESS: Final = 3  # SMPP 5.0 only; refused at submission for older binds
INTERMEDIATE: Final = 0x10
_WANTED: Final = 0x03
_MODE: Final = 0x03  # of esm_class [§5.2.12]
_DATAGRAM: Final = 1
_TRANSACTION: Final = 2


def owes_receipt(message: Message, state: int) -> bool:
    """Whether reaching ``state`` is to be reported to the sender.

    A receipt never generates another receipt, nor does what the SMSC wrote itself. Datagrams have none, and
    of a transaction the response tells the outcome [SMPP 3.4 §5.2.12].
    """
    wanted = message.registered_delivery & _WANTED
    if wanted == 0 or message.kind != ORDINARY or _DATAGRAM <= message.esm_class & _MODE <= _TRANSACTION:
        return False
    if wanted == ON_OUTCOME:
        return True
    return (state == DELIVERED) == (wanted == ON_SUCCESS)


def owes_intermediate(message: Message) -> bool:
    """Whether the first failed attempt is to be reported (registered_delivery bit 4, mask 0x10)."""
    return bool(message.registered_delivery & INTERMEDIATE) and message.kind == ORDINARY
