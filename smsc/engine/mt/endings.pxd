# Once a message, and once more for its receipt: calls from C to C.
cimport cython

from smsc cimport reasons
from smsc.delivery.message cimport Message
from smsc.delivery.receipt cimport owes_intermediate, owes_receipt
from smsc.delivery.recipient cimport Lane, Recipient
from smsc.engine.mt.queues cimport Queues
from smsc.engine.mt.receipts cimport ReceiptMaker
from smsc.engine.watchers cimport Watchers

cdef int DELIVERED, EXPIRED, INTERMEDIATE, MODE_MASK, MODE_TRANSACTION, _RECEIPT_WANTED


@cython.final
cdef class Endings:
    cdef public Queues queues
    cdef public ReceiptMaker receipts
    cdef public Watchers watchers
    cdef public object services, transactions
    cdef public list failures
    cdef public long long deliveries, receipts_made

    @cython.locals(queues=Queues)
    cpdef close(self, Recipient recipient, Message message, int state, int cause)
    cpdef end(self, Recipient recipient, Lane lane, Message message, int state, int cause)
    cpdef tell_failed(self, Message message, int cause)
    cpdef ended(self, Message message)
    cpdef owe_receipt(self, Message message)
    cpdef tell_ended(self, Message message)
