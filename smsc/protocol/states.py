"""The session's states, and who may send what in which [SMPP 3.4 §2.2, table 2-1]."""

OPEN, BOUND_TX, BOUND_RX, BOUND_TRX, UNBINDING, CLOSED = range(6)

NAMES = ("open", "bound_tx", "bound_rx", "bound_trx", "unbinding", "closed")

NOWHERE: frozenset[int] = frozenset()
UNBOUND = frozenset((OPEN,))
TRANSMIT = frozenset((BOUND_TX, BOUND_TRX))
RECEIVE = frozenset((BOUND_RX, BOUND_TRX))
BOUND = TRANSMIT | RECEIVE
#: Both sides may ask to part at the same moment.
PARTING = BOUND | {UNBINDING}
#: 3.4 allows enquire_link in bound states, 5.0 in every one; answering costs nothing [5.0 §2.4].
ANYWHERE = BOUND | {OPEN, UNBINDING}
